package dev.slipway.infer.evaluate;

import dev.slipway.base.Json;
import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Binder;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Main;
import dev.slipway.base.binding.Matches;
import dev.slipway.base.binding.Problem;
import dev.slipway.base.binding.Range;
import dev.slipway.base.binding.Shape;
import dev.slipway.base.binding.Shapes;
import dev.slipway.base.binding.Variables;
import dev.slipway.base.binding.YamlReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;

/** What a language model is measured on: a YAML document of a few lines. */
@Doc("A task that a language model is measured on")
public record EvalTask(
    @Doc("What it is called in results")
        @Matches(
            value = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
            expected =
                "1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first")
        String name,
    @Doc(
            "The items: JSON lines, CSV or Parquet, and for kind text also a text file, which is one item; the path is seen from this document")
        String data,
    @Doc("What is measured; auto sees it from the keys: text, choices, else generate")
        @Default("auto")
        Auto<Kind> kind,
    @Doc("Measure so many items from the first on") @Default("none") @Range(min = 1, max = 1e9)
        Optional<Integer> limit,
    @Doc("A template that stands before everything else") @Default("''") String description,
    @Doc("A Jinja template of an item's fields, up to where the answer begins") @Default("''")
        String prompt,
    @Doc("Templates of the answers to choose from") @Default("[]") List<String> choices,
    @Doc("The field with the list of answers to choose from") @Default("none")
        Optional<String> choicesFrom,
    @Doc(
            "A template of what follows each choice, which then stands in the prompt's place, as Winogrande has it")
        @Default("none")
        Optional<String> continuation,
    @Doc("A template of the right answer; among choices its number from 0 on, or the choice itself")
        @Default("''")
        String answer,
    @Doc("The field with a list of answers of which each is right") @Default("none")
        Optional<String> answersFrom,
    @Doc("What stands between prompt and answer") @Default("' '") String delimiter,
    @Doc("A template of the text, for kind text") @Default("''") String text,
    @Doc(
            "For kind text: how far windows of the model's context advance, as in transformers' documentation; none has lm-eval's windows, which share one token")
        @Default("none")
        @Range(min = 1, max = 1e9)
        Optional<Integer> stride,
    @Doc("Solved examples before the item") @Default("{}") Shots shots,
    @Doc("How an answer is generated") @Default("{}") Generate generate,
    @Doc("When a generated answer is right") @Default("{}") Match match) {
  private static final Shape.Group SHAPE = new Shapes(List.of()).document(EvalTask.class);

  /** What is measured. */
  public enum Kind {
    @Doc("Which of several answers is the likeliest")
    MULTIPLE_CHOICE,
    @Doc("Whether the generated answer is the right one")
    GENERATE,
    @Doc("How likely the right answer is, and whether greedy decoding gives it")
    LIKELIHOOD,
    @Doc("How likely texts are")
    TEXT
  }

  /** Solved examples before an item. */
  public record Shots(
      @Doc("How many") @Main @Default("0") @Range(min = 0, max = 1000) int count,
      @Doc("Where they come from; none takes the items themselves, but never the one that is asked")
          @Default("none")
          Optional<String> data,
      @Doc("Which ones") @Default("random") Choice choice,
      @Doc("Of the random choice, as in lm-eval")
          @Default("1234")
          @Range(min = 0, max = 4294967295.0)
          long seed,
      @Doc("What stands between examples") @Default("\"\\n\\n\"") String separator) {}

  /** How solved examples are chosen. */
  public enum Choice {
    @Doc("Others for each item, as Python's random.sample draws them for lm-eval")
    RANDOM,
    @Doc("Those that come first, the same for each item")
    FIRST
  }

  /** How an answer is generated, greedily. */
  public record Generate(
      @Doc("Tokens at most") @Default("256") @Range(min = 1, max = 1e6) int maxTokens,
      @Doc("Texts that end it and are left out") @Default("[\"\\n\\n\"]") List<String> until) {
    public Generate {
      until = List.copyOf(until);
      if (until.stream().anyMatch(String::isEmpty)) {
        throw new InvalidSetting("until", "an empty text", "texts that end an answer");
      }
    }
  }

  /**
   * When a generated answer is right: equal to the expected one after this has been done to both.
   */
  public record Match(
      @Doc("Whether capital and small letters are the same") @Default("false") boolean ignoreCase,
      @Doc("Whether ASCII punctuation is left out") @Default("false") boolean ignorePunctuation,
      @Doc("Whether the digits 0 to 9 are left out") @Default("false") boolean ignoreNumbers,
      @Doc("Regular expressions, as Python reads them, whose matches are left out") @Default("[]")
          List<String> regexesToIgnore,
      @Doc(
              "A regular expression whose first match is the answer, or its first group that matched; without a match the answer is [invalid]")
          @Default("none")
          Optional<String> extract,
      @Doc("Whether extract takes the last match in place of the first") @Default("false")
          boolean takeLast,
      @Doc("Whether space around the generated answer is left out first") @Default("false")
          boolean strip) {
    public Match {
      regexesToIgnore = List.copyOf(regexesToIgnore);
      regexesToIgnore.forEach(regex -> checkRegex("regexes-to-ignore", regex));
      extract.ifPresent(regex -> checkRegex("extract", regex));
    }

    private static void checkRegex(String key, String regex) {
      try {
        var _ = PythonRegex.compile(regex);
      } catch (PatternSyntaxException e) {
        throw new InvalidSetting(
            key, regex + " (" + e.getDescription() + ")", "a regular expression");
      }
    }
  }

  public EvalTask {
    choices = List.copyOf(choices);
    Kind meant =
        kind.orElse(
            !text.isEmpty()
                ? Kind.TEXT
                : !choices.isEmpty() || choicesFrom.isPresent()
                    ? Kind.MULTIPLE_CHOICE
                    : Kind.GENERATE);
    kind = Auto.of(meant);
    if (continuation.isPresent() && meant != Kind.MULTIPLE_CHOICE) {
      throw new InvalidSetting(
          "continuation", "a continuation without choices", "one beside choices or choices-from");
    }
    switch (meant) {
      case TEXT -> {
        if (shots.count() > 0) {
          throw new InvalidSetting(
              "shots", shots.count() + " for a text", "none: texts stand alone");
        }
      }
      case MULTIPLE_CHOICE -> {
        if (continuation.isEmpty()) {
          needs("prompt", prompt);
        } else if (!prompt.isEmpty()) {
          throw new InvalidSetting(
              "prompt", "a prompt beside continuation", "none: each choice is one");
        }
        oneAnswer(answer, answersFrom);
        if (choices.isEmpty() == choicesFrom.isEmpty()) {
          throw new InvalidSetting(
              "choices",
              choices.isEmpty() ? "none" : "choices beside choices-from",
              "a list of templates, or choices-from with the field that has the list");
        }
        if (choices.size() == 1) {
          throw new InvalidSetting("choices", "one choice", "two or more");
        }
      }
      case GENERATE -> {
        needs("prompt", prompt);
        oneAnswer(answer, answersFrom);
      }
      case LIKELIHOOD -> {
        needs("prompt", prompt);
        needs("answer", answer);
      }
    }
  }

  private static void oneAnswer(String answer, Optional<String> answersFrom) {
    if (answer.isEmpty() == answersFrom.isEmpty()) {
      throw new InvalidSetting(
          "answer",
          answer.isEmpty() ? "nothing" : "an answer beside answers-from",
          "a template, or answers-from with the field that has the list");
    }
  }

  private static void needs(String key, String value) {
    if (value.isEmpty()) {
      throw new InvalidSetting(key, "nothing", "a template such as \"{{ question }}\"");
    }
  }

  /** The kind that is measured. */
  public Kind measured() {
    return kind.value();
  }

  /** A task of texts, each a whole file or a row's field. */
  public static EvalTask ofText(String name, Path data) {
    return parse(
        "{name: "
            + name
            + ", kind: text, data: "
            + Json.line(data.toAbsolutePath().toString())
            + "}",
        name);
  }

  /**
   * Reads a document; paths in it are then seen from its folder.
   *
   * @throws dev.slipway.base.SlipwayException {@code task.invalid} with every mistake that is in it
   */
  public static EvalTask read(Path file) {
    EvalTask task = bind(YamlReader.read(file), file.toString());
    Path folder = file.toAbsolutePath().getParent();
    return folder == null ? task : task.seenFrom(folder);
  }

  /**
   * As {@link #read}, of a text.
   *
   * @param source what errors call it
   */
  public static EvalTask parse(String yaml, String source) {
    return bind(YamlReader.parse(yaml, source), source);
  }

  private static EvalTask bind(YamlReader.Document document, String source) {
    Binder.Bound<EvalTask> bound =
        Binder.bind(document, SHAPE, EvalTask.class, Variables.ofSystem());
    EvalTask task = bound.value();
    if (!bound.problems().isEmpty() || task == null) {
      throw Problem.exception("task.invalid", source, bound.problems());
    }
    return task;
  }

  /** The same with its paths below a folder, where they are not absolute. */
  public EvalTask seenFrom(Path folder) {
    return new EvalTask(
        name,
        folder.resolve(data).toString(),
        kind,
        limit,
        description,
        prompt,
        choices,
        choicesFrom,
        continuation,
        answer,
        answersFrom,
        delimiter,
        text,
        stride,
        new Shots(
            shots.count,
            shots.data.map(path -> folder.resolve(path).toString()),
            shots.choice,
            shots.seed,
            shots.separator),
        generate,
        match);
  }

  /** The same of at most so many items. */
  public EvalTask withLimit(int most) {
    return new EvalTask(
        name,
        data,
        kind,
        Optional.of(Math.min(most, limit.orElse(most))),
        description,
        prompt,
        choices,
        choicesFrom,
        continuation,
        answer,
        answersFrom,
        delimiter,
        text,
        stride,
        shots,
        generate,
        match);
  }
}
