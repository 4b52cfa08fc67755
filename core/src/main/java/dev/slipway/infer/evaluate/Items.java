package dev.slipway.infer.evaluate;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.source.Source;
import dev.slipway.data.table.JsonRows;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.tokenizer.chat.ChatTemplate;
import dev.slipway.tokenizer.chat.Conversation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The items of a task from its files, with their prompts put together as lm-evaluation-harness
 * 0.4.13 does it: description, solved examples, the item.
 */
final class Items {
  /**
   * A part of a prompt.
   *
   * @param behind what follows it where prompts are plain text
   */
  private record Message(String role, String text, String behind) {}

  /**
   * What a row comes to.
   *
   * @param prompts one, or one for each choice
   * @param continuation what follows prompts that end with the choices, else null
   */
  private record Solved(
      List<String> prompts,
      List<String> choices,
      @Nullable String continuation,
      List<Integer> right,
      List<String> answers) {
    /** Of a solved example. */
    String prompt() {
      return prompts.get(continuation == null ? 0 : right.getFirst());
    }

    String answer() {
      return continuation != null
          ? continuation
          : right.isEmpty() ? answers.getFirst() : choices.get(right.getFirst());
    }
  }

  private final EvalTask task;
  private final Asking asking;
  private final @Nullable ChatTemplate template;
  private final Fields fields;

  private Items(EvalTask task, Asking asking, @Nullable ChatTemplate template) {
    this.task = task;
    this.asking = asking;
    this.template = template;
    fields = new Fields(task.name());
  }

  /**
   * @param folder of the model, for its chat template
   */
  static List<Item> of(EvalTask task, Asking asking, Path folder) {
    ChatTemplate template =
        asking.chat() && task.measured() != EvalTask.Kind.TEXT
            ? ModelFolder.chatTemplates(folder).named(null)
            : null;
    return new Items(task, asking, template).all();
  }

  private List<Item> all() {
    Path data = Path.of(task.data());
    if (task.measured() == EvalTask.Kind.TEXT) {
      return texts(data);
    }
    List<ObjectNode> rows = JsonRows.read(data);
    boolean ownShots = task.shots().data().isEmpty();
    List<ObjectNode> solved =
        ownShots ? rows : JsonRows.read(Path.of(task.shots().data().orElseThrow()));
    int available = solved.size() - (ownShots ? 1 : 0);
    int count = task.shots().count();
    if (count > available) {
      throw new SlipwayException(
          Exit.INPUT,
          "task.too-few-shots",
          "the task " + task.name() + " asks for " + count + " shots, there are " + available,
          "ask for fewer, or name a larger file in shots.data");
    }
    PythonRandom random = new PythonRandom(task.shots().seed());
    List<Item> items = new ArrayList<>();
    int most = Math.min(rows.size(), task.limit().orElse(rows.size()));
    for (int i = 0; i < most; i++) {
      items.add(item(rows.get(i), i + 1, shots(rows.get(i), solved, ownShots, random)));
    }
    return items;
  }

  // ---- texts ----

  private List<Item> texts(Path data) {
    List<String> texts = new ArrayList<>();
    if (task.text().isEmpty()) {
      texts.add(whole(data));
    } else {
      List<ObjectNode> rows = JsonRows.read(data);
      int most = Math.min(rows.size(), task.limit().orElse(rows.size()));
      for (int i = 0; i < most; i++) {
        texts.add(fields.fill("text", task.text(), rows.get(i), i + 1));
      }
    }
    List<String> some = texts.stream().filter(text -> !text.isEmpty()).toList();
    if (some.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "task.no-text",
          "the task " + task.name() + " has no text in " + data + ", expected some",
          "name a file with text");
    }
    return some.stream()
        .map(text -> new Item(List.of(""), List.of(), "", List.of(), List.of(text)))
        .toList();
  }

  private String whole(Path file) {
    Source source = Source.detect(file);
    if (!(source instanceof Source.Text)) {
      throw new SlipwayException(
          Exit.INPUT,
          "task.no-template",
          file + " is no text file, and the task " + task.name() + " has no key text",
          "write text: \"{{ field }}\" with the field that has the text");
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "file.not-utf8",
          file + " is not UTF-8 text",
          "convert it, for example with iconv -t UTF-8",
          e);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "file.unreadable",
          file + " could not be read (" + e.getMessage() + ")",
          "check the disk",
          e);
    }
  }

  // ---- shots ----

  private List<ObjectNode> shots(
      ObjectNode asked, List<ObjectNode> solved, boolean own, PythonRandom random) {
    int count = task.shots().count();
    if (count == 0) {
      return List.of();
    }
    List<ObjectNode> others =
        own ? solved.stream().filter(row -> !row.equals(asked)).toList() : solved;
    if (task.shots().choice() == EvalTask.Choice.FIRST) {
      return others.subList(0, Math.min(count, others.size()));
    }
    List<ObjectNode> drawn =
        random.sample(solved.size(), own ? count + 1 : count).stream()
            .map(solved::get)
            .filter(row -> !own || !row.equals(asked))
            .limit(count)
            .toList();
    if (drawn.size() == count) {
      return drawn;
    }
    if (others.size() < count) {
      throw new SlipwayException(
          Exit.INPUT,
          "task.too-few-shots",
          "%d rows of the task %s differ from one that is asked, expected %d for its shots"
              .formatted(others.size(), task.name(), count),
          "ask for fewer shots, or leave out what is there twice");
    }
    return random.sample(others.size(), count).stream().map(others::get).toList();
  }

  // ---- prompts ----

  private Item item(ObjectNode row, int number, List<ObjectNode> shots) {
    List<Message> messages = new ArrayList<>();
    String separator = task.shots().separator();
    String system =
        Spaces.joined(
            asking.system().orElse(""),
            fields.fill("description", task.description(), row, number),
            separator);
    if (!system.isEmpty()) {
      messages.add(new Message("system", system, ""));
    }
    for (ObjectNode shot : shots) {
      Solved solved = solved(shot, number);
      messages.add(new Message("user", solved.prompt(), task.delimiter()));
      messages.add(new Message("assistant", solved.answer(), separator));
    }
    Solved asked = solved(row, number);
    List<String> contexts = new ArrayList<>();
    for (String prompt : asked.prompts) {
      List<Message> whole = new ArrayList<>(messages);
      whole.add(new Message("user", prompt, ""));
      contexts.add(text(whole));
    }
    return new Item(
        contexts,
        asked.choices,
        Objects.requireNonNullElse(asked.continuation, ""),
        asked.right,
        asked.answers);
  }

  private Solved solved(ObjectNode row, int number) {
    List<String> answers =
        task.answersFrom().isPresent()
            ? fields.list("answers-from", task.answersFrom().get(), row, number)
            : List.of(fields.fill("answer", task.answer(), row, number));
    List<String> prompts = List.of(fields.fill("prompt", task.prompt(), row, number));
    if (task.measured() != EvalTask.Kind.MULTIPLE_CHOICE) {
      return new Solved(prompts, List.of(), null, List.of(), answers);
    }
    List<String> choices =
        task.choicesFrom().isPresent()
            ? fields.list("choices-from", task.choicesFrom().get(), row, number)
            : task.choices().stream()
                .map(choice -> fields.fill("choices", choice, row, number))
                .toList();
    List<Integer> right = answers.stream().map(each -> right(each, choices, number)).toList();
    if (task.continuation().isEmpty()) {
      return new Solved(prompts, choices, null, right, answers);
    }
    String continuation = fields.fill("continuation", task.continuation().get(), row, number);
    return new Solved(choices, choices, continuation, right, answers);
  }

  /** A number counts from 0; where it is none of the choices' it may still be one of them. */
  private int right(String answer, List<String> choices, int number) {
    if (answer.matches("[0-9]{1,9}") && Integer.parseInt(answer) < choices.size()) {
      return Integer.parseInt(answer);
    }
    int right = choices.indexOf(answer);
    if (right < 0) {
      throw new SlipwayException(
          Exit.INPUT,
          "task.no-such-choice",
          "the answer of row %d of the task %s is %s, expected a number from 0 to %d or one of %s"
              .formatted(
                  number, task.name(), Json.line(answer), choices.size() - 1, Json.line(choices)),
          "mend answer in the task, or the row");
    }
    return right;
  }

  private String text(List<Message> messages) {
    if (template == null) {
      StringBuilder text = new StringBuilder();
      messages.forEach(message -> text.append(message.text).append(message.behind));
      return text.toString();
    }
    List<ObjectNode> conversation = new ArrayList<>();
    StringBuilder one = new StringBuilder();
    for (Message message : messages) {
      if (asking.turns() || message.role.equals("system")) {
        conversation.add(said(message.role, message.text));
      } else {
        one.append(message.text).append(message.behind);
      }
    }
    if (!asking.turns()) {
      conversation.add(said("user", one.toString()));
    }
    return template.render(Conversation.of(conversation, true)).text();
  }

  private static ObjectNode said(String role, String content) {
    return Json.object().put("role", role.toLowerCase(Locale.ROOT)).put("content", content);
  }
}
