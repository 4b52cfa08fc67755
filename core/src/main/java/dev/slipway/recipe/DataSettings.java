package dev.slipway.recipe;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.ByteSize;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Fraction;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Matches;
import dev.slipway.data.DataConfig;
import dev.slipway.data.augment.Augmentation;
import dev.slipway.data.conversation.ConversationFormat;
import dev.slipway.data.conversation.ConversationMapping;
import dev.slipway.data.conversation.JavadocConversations;
import dev.slipway.data.conversation.JavadocConversations.Ask;
import dev.slipway.data.conversation.PreferenceFormat;
import dev.slipway.data.conversation.PreferenceMapping;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.source.Glob;
import dev.slipway.data.source.TextUnit;
import dev.slipway.data.table.CsvConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What is learnt from. */
public record DataSettings(
    @Doc("Where the documents come from") Source source,
    @Doc("Cleaning steps, in their order") @Default("[normalise]") List<CleanStep> clean,
    @Doc("What happens to documents that are there more than once") @Default("exact")
        Deduplicate deduplicate,
    @Doc("Which parts are held out; a document's part follows from its content") @Default("{}")
        Split split,
    @Doc("What the network is given of an example; auto follows from the source's fields")
        @Default("auto")
        Auto<List<FeatureConfig>> inputs,
    @Doc("What is done to training examples each time they are seen, in this order") @Default("[]")
        List<Augmentation> augment) {

  /** Not blank. */
  static final String NAME = "^.*[^\\s].*$";

  public DataSettings {
    clean = List.copyOf(clean);
    augment = List.copyOf(augment);
  }

  /** Where documents come from. */
  public sealed interface Source {
    @Doc("A zip file, one document a file in it")
    record Zip(
        @Doc("The zip file") @Matches(value = NAME, expected = "a path") String path,
        @Doc("Globs of the names to take") @Default("[\"**\"]") List<String> include,
        @Doc("Globs of the names to leave out") @Default("[]") List<String> exclude)
        implements Source {
      public Zip {
        include = globs("include", include);
        exclude = globs("exclude", exclude);
      }
    }

    @Doc("A folder with all below it, one document a file")
    record Folder(
        @Doc("The folder") @Matches(value = NAME, expected = "a path") String path,
        @Doc("Globs of the names to take") @Default("[\"**\"]") List<String> include,
        @Doc("Globs of the names to leave out") @Default("[]") List<String> exclude)
        implements Source {
      public Folder {
        include = globs("include", include);
        exclude = globs("exclude", exclude);
      }
    }

    @Doc("A file with a JSON object on each line, one document a line")
    record Jsonl(
        @Doc("The file") @Matches(value = NAME, expected = "a path") String path,
        @Doc("The key that holds the text")
            @Default("text")
            @Matches(value = NAME, expected = "a name")
            String text)
        implements Source {}

    @Doc("A text file")
    record Text(
        @Doc("The file") @Matches(value = NAME, expected = "a path") String path,
        @Doc("What a document is") @Default("blank-lines") Unit unit)
        implements Source {}

    @Doc("A Parquet file, one document a row")
    record Parquet(
        @Doc("The file") @Matches(value = NAME, expected = "a path") String path,
        @Doc("The column that holds the text")
            @Default("text")
            @Matches(value = NAME, expected = "a name")
            String text)
        implements Source {}
  }

  /** Where examples of a task other than language modelling come from. */
  public sealed interface ExampleSource extends Source {
    @Doc("An official dataset by its name; found in SLIPWAY_DATASETS or the cache, else downloaded")
    record Dataset(
        @Doc("cats-dogs, german-credit, imdb, mnist, movielens-100k, multi30k or spoken-digits")
            @Matches(value = NAME, expected = "a name")
            String name)
        implements ExampleSource {}

    @Doc("Pictures, a folder a class; train, validation and test folders above are its splits")
    record Pictures(
        @Doc("The folder, zip or tar.gz") @Matches(value = NAME, expected = "a path") String path,
        @Doc("Globs of the names to take") @Default("[\"**\"]") List<String> include)
        implements ExampleSource {
      public Pictures {
        include = globs("include", include);
      }
    }

    @Doc("Pictures and labels as IDX files, plain or gz")
    record Idx(
        @Doc("The pictures") @Matches(value = NAME, expected = "a path") String images,
        @Doc("Their labels") @Matches(value = NAME, expected = "a path") String labels,
        @Doc("Pictures of the test split") @Default("none") Optional<String> testImages,
        @Doc("Their labels") @Default("none") Optional<String> testLabels)
        implements ExampleSource {
      public Idx {
        if (testImages.isPresent() != testLabels.isPresent()) {
          throw new InvalidSetting(
              "test-labels", "one of test-images and test-labels", "both or none");
        }
      }
    }

    @Doc("A table: CSV, TSV or Parquet")
    record Table(
        @Doc("The file") @Matches(value = NAME, expected = "a path") String path,
        @Doc("A file of the same columns that is the test split") @Default("none")
            Optional<String> test,
        @Doc("How a CSV or TSV file is read; Parquet knows it itself") @Default("{}") CsvConfig csv)
        implements ExampleSource {}

    @Doc("Texts, a folder a class; train, validation and test folders above are its splits")
    record Texts(
        @Doc("The folder, zip or tar.gz") @Matches(value = NAME, expected = "a path") String path,
        @Doc("Globs of the names to leave out") @Default("[]") List<String> exclude)
        implements ExampleSource {
      public Texts {
        exclude = globs("exclude", exclude);
      }
    }

    @Doc("A file with a JSON object on each line, each key a field")
    record Records(@Doc("The file") @Matches(value = NAME, expected = "a path") String path)
        implements ExampleSource {}

    @Doc("WAV and FLAC files whose folders or names tell their fields")
    record Sounds(
        @Doc("The folder, zip or tar.gz") @Matches(value = NAME, expected = "a path") String path,
        @Doc(
                "How a name tells its fields, such as {label}_{speaker}_{index}; none: a folder a class")
            @Default("none")
            Optional<String> name)
        implements ExampleSource {}

    @Doc("Two text files whose lines belong together")
    record Parallel(
        @Doc("The texts") @Matches(value = NAME, expected = "a path") String source,
        @Doc("What becomes of them") @Matches(value = NAME, expected = "a path") String target)
        implements ExampleSource {}
  }

  /** Where what people and an assistant say to each other comes from. */
  public sealed interface ConversationSource extends Source {
    @Doc("Rows of JSON lines, of a JSON list or of a Parquet file, each a conversation")
    record Conversations(
        @Doc("The file") @Matches(value = NAME, expected = "a path") String path,
        @Doc("What its columns are called; auto tells it by their names") @Default("auto")
            Auto<ConversationFormat> format)
        implements ConversationSource {}

    @Doc("Rows of JSON lines, of a JSON list or of a Parquet file: answers that people like or not")
    record Preferences(
        @Doc("The file") @Matches(value = NAME, expected = "a path") String path,
        @Doc("What its columns are called; auto tells it by their names") @Default("auto")
            Auto<PreferenceFormat> format)
        implements ConversationSource {}

    @Doc("A conversation of each method of Java sources that has a body and a Javadoc comment")
    record JavadocConversations(
        @Doc("A folder or a zip") @Matches(value = NAME, expected = "a path") String path,
        @Doc("Globs of the names to take") @Default("[\"**.java\"]") List<String> include,
        @Doc("Globs of the names to leave out") @Default("[]") List<String> exclude,
        @Doc("What the assistant is asked for") @Default("body") Ask ask)
        implements ConversationSource {
      public JavadocConversations {
        include = globs("include", include);
        exclude = globs("exclude", exclude);
      }
    }
  }

  /** What a document of a text file is. */
  public enum Unit {
    @Doc("Paragraphs, gathered to some 2 KiB")
    BLANK_LINES,
    @Doc("The whole file")
    WHOLE
  }

  /** One step of cleaning. */
  public sealed interface CleanStep {
    @Doc("Line ends become \\n, a byte order mark goes, a text ends with one line end")
    record Normalise(
        @Doc("Whether spaces and tabs at line ends go") @Default("true") boolean trailingBlanks,
        @Doc("Whether characters are composed (Unicode NFC): good for prose, changes code")
            @Default("false")
            boolean unicode)
        implements CleanStep {}

    @Doc("Takes away what many documents begin with")
    record StripHeader(@Doc("What kind of header") Header header) implements CleanStep {}

    @Doc("Leaves whole documents out")
    record Drop(
        @Doc("Those of fewer bytes") @Default("none") Optional<ByteSize> shorterThan,
        @Doc("Those of more bytes") @Default("none") Optional<ByteSize> longerThan,
        @Doc("Those that say of themselves that a program wrote them") @Default("false")
            boolean generated)
        implements CleanStep {
      public Drop {
        if (shorterThan.isEmpty() && longerThan.isEmpty() && !generated) {
          throw new InvalidSetting(
              "shorter-than", "nothing to drop", "one of shorter-than, longer-than, generated");
        }
        if (shorterThan.isPresent()
            && longerThan.isPresent()
            && shorterThan.get().bytes() > longerThan.get().bytes()) {
          throw new InvalidSetting(
              "longer-than",
              longerThan.get() + ", below shorter-than " + shorterThan.get(),
              "more than " + shorterThan.get());
        }
      }
    }
  }

  /** What a document may begin with. */
  public enum Header {
    @Doc("A comment at the top that tells the licence")
    LICENCE
  }

  /** What happens to duplicates. */
  public sealed interface Deduplicate {
    @Doc("Of documents with the same content after cleaning, the first stays")
    record Exact() implements Deduplicate {}

    @Doc("All stay")
    record None() implements Deduplicate {}
  }

  /** Parts held out. */
  public record Split(
      @Doc(
              "Part for validation while training; auto is 1% of documents, 5% of conversations; of examples what the source says, else 10%")
          @Default("auto")
          Auto<Fraction> validation,
      @Doc(
              "Part for the evaluation at the end; auto is 1% of documents, 5% of conversations; of examples what the source says, else 10%")
          @Default("auto")
          Auto<Fraction> test,
      @Doc("How examples are divided; auto is stratified where there are classes, else hash")
          @Default("auto")
          Auto<SplitBy> by) {
    public Split {
      double first = validation.isAuto() ? 0.01 : validation.value().value();
      double second = test.isAuto() ? 0.01 : test.value().value();
      if (first + second > 0.9) {
        throw new InvalidSetting(
            "validation",
            new Fraction(first) + ", with test " + new Fraction(second),
            "at most 90% held out, so that something is left to learn from");
      }
      if (first == 0 || second == 0) {
        throw new InvalidSetting(first == 0 ? "validation" : "test", "0%", "more than 0%");
      }
    }

    /** Validation and test together, once neither is {@code auto}. */
    public double heldOut() {
      return validation.value().value() + test.value().value();
    }

    /** The same with fractions where they are {@code auto}. */
    public Split or(double validation, double test) {
      return new Split(
          this.validation.or(() -> new Fraction(validation)),
          this.test.or(() -> new Fraction(test)),
          by);
    }
  }

  /** How examples are divided into splits. */
  public sealed interface SplitBy {
    @Doc("By a hash of an example's id: adding examples moves none of the others")
    record Hash() implements SplitBy {}

    @Doc("Each class of the target with the same share in each split")
    record Stratified() implements SplitBy {}

    @Doc("What shares a field's value stays together")
    record Grouped(@Doc("The field") @Matches(value = NAME, expected = "a name") String field)
        implements SplitBy {}

    @Doc("The latest examples are the test split, those before them validation")
    record Time(
        @Doc("The field that orders them") @Matches(value = NAME, expected = "a name") String field)
        implements SplitBy {}
  }

  public DataSettings withSplit(Split split) {
    return new DataSettings(source, clean, deduplicate, split, inputs, augment);
  }

  public DataSettings withInputs(List<FeatureConfig> inputs) {
    return new DataSettings(source, clean, deduplicate, split, Auto.of(inputs), augment);
  }

  /** The split with its usual parts where they are {@code auto}. */
  public Split resolvedSplit() {
    double part = source instanceof ConversationSource ? 0.05 : 0.01;
    return split.or(part, part);
  }

  /** What the data package takes. */
  public DataConfig config() {
    Split resolved = resolvedSplit();
    return new DataConfig(
        switch (source) {
          case ExampleSource _ ->
              throw new IllegalStateException("a source of examples has no documents");
          case ConversationSource.Conversations(String path, Auto<ConversationFormat> format) ->
              new dev.slipway.data.source.Source.Derived(
                  new dev.slipway.data.source.Source.Rows(Path.of(path)),
                  new ConversationMapping(
                      format.isAuto() ? null : format.value(), "data.source.conversations"));
          case ConversationSource.Preferences(String path, Auto<PreferenceFormat> format) ->
              new dev.slipway.data.source.Source.Derived(
                  new dev.slipway.data.source.Source.Rows(Path.of(path)),
                  new PreferenceMapping(
                      format.isAuto() ? null : format.value(), "data.source.preferences"));
          case ConversationSource.JavadocConversations javadoc ->
              new dev.slipway.data.source.Source.Derived(
                  filesOf(javadoc), new JavadocConversations(javadoc.ask()));
          case Source.Zip(String path, List<String> include, List<String> exclude) ->
              new dev.slipway.data.source.Source.Zip(Path.of(path), include, exclude);
          case Source.Folder(String path, List<String> include, List<String> exclude) ->
              new dev.slipway.data.source.Source.Folder(Path.of(path), include, exclude);
          case Source.Jsonl(String path, String text) ->
              new dev.slipway.data.source.Source.Jsonl(Path.of(path), text, null);
          case Source.Text(String path, Unit unit) ->
              new dev.slipway.data.source.Source.Text(Path.of(path), TextUnit.valueOf(unit.name()));
          case Source.Parquet(String path, String text) ->
              new dev.slipway.data.source.Source.Parquet(Path.of(path), text, null);
        },
        clean.stream().map(DataSettings::step).toList(),
        switch (deduplicate) {
          case Deduplicate.Exact() -> dev.slipway.data.Deduplicate.EXACT;
          case Deduplicate.None() -> dev.slipway.data.Deduplicate.NONE;
        },
        new dev.slipway.data.Split(
            resolved.validation.value().value(), resolved.test.value().value()));
  }

  private static dev.slipway.data.source.Source filesOf(
      ConversationSource.JavadocConversations settings) {
    Path path = Path.of(settings.path());
    return Files.isDirectory(path)
        ? new dev.slipway.data.source.Source.Folder(path, settings.include(), settings.exclude())
        : new dev.slipway.data.source.Source.Zip(path, settings.include(), settings.exclude());
  }

  private static dev.slipway.data.clean.CleanStep step(CleanStep step) {
    return switch (step) {
      case CleanStep.Normalise(boolean trailingBlanks, boolean unicode) ->
          new dev.slipway.data.clean.CleanStep.Normalise(trailingBlanks, unicode);
      case CleanStep.StripHeader(Header header) ->
          new dev.slipway.data.clean.CleanStep.StripHeader(
              dev.slipway.data.clean.CleanStep.Header.valueOf(header.name()));
      case CleanStep.Drop(
              Optional<ByteSize> shorter,
              Optional<ByteSize> longer,
              boolean generated) ->
          new dev.slipway.data.clean.CleanStep.Drop(
              shorter.map(ByteSize::bytes).orElse(0L),
              longer.map(ByteSize::bytes).orElse(0L),
              generated);
    };
  }

  private static List<String> globs(String key, List<String> globs) {
    if (key.equals("include") && globs.isEmpty()) {
      throw new InvalidSetting(key, "an empty list, which takes nothing", "one glob or more");
    }
    for (String glob : globs) {
      try {
        Glob.of(glob);
      } catch (IllegalArgumentException e) {
        throw new InvalidSetting(
            key, "\"" + glob + "\" (" + e.getMessage() + ")", "globs such as **/*.java");
      }
    }
    return List.copyOf(globs);
  }
}
