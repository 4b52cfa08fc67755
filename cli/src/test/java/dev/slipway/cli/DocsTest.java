package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.cli.process.Shutdown;
import dev.slipway.platform.audit.AuditLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the README and the pages in {@code docs/} say can be done, is done here: every {@code
 * ./slipway} line of theirs is carried out, with a tiny run in the place of RUN.
 *
 * <p>Four kinds of line are only checked for their options: {@code pull}, whose hub is elsewhere
 * ({@code HubTest} has one here); {@code launch}, which would train for the budget that it names
 * (its recipe is carried out here, made tiny); {@code serve}, which does not end ({@code
 * ServePageTest} sends the requests of its page); and {@code build} and {@code test}, which are the
 * launcher script's own.
 */
class DocsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");
  private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern CODE =
      Pattern.compile(
          "\"((?:adapter|audit|chat|constraint|data|embed|engine|eval|export|feedback|file|generate|gguf|hub|ids|index|json|keys|launcher|memory|model|plan|predict|recipe|report"
              + "|run|runs|score|search|serve|task|tls|tokenizer|train|tune|weights|yaml)\\.[a-z0-9-]+|usage)\"");

  @TempDir private static Path folder;
  private static final Map<String, String> words = new HashMap<>();

  /** The recipe of {@code launch} with few of everything, as a run that is finished. */
  @BeforeAll
  static void tinyRun() throws IOException {
    // No main method tells the waiting hook of this process that the work has ended.
    Shutdown.finish(0);
    Path texts = Files.createDirectories(folder.resolve("texts"));
    for (int i = 0; i < 60; i++) {
      Files.writeString(texts.resolve("Class" + i + ".java"), source(i));
    }
    Path file = Files.writeString(folder.resolve("text.txt"), "return a > b ? a : b;\n");
    Path run = folder.resolve("runs/tiny");
    List<String> line =
        List.of(
            "run",
            ROOT.resolve("recipes/launch").toString(),
            "--set=name=tiny",
            "--set=budget.time=60s",
            "--set=data.source={\"folder\": {\"path\": \"" + texts.toAbsolutePath() + "\"}}",
            "--set=data.split.validation=10%",
            "--set=data.split.test=10%",
            "--set=tokenizer.bpe.vocabulary=300",
            "--set=model.gpt.size={\"layers\": 2, \"hidden\": 32, \"heads\": 2}",
            "--set=model.gpt.context=64",
            "--set=train.batch=4",
            "--set=train.steps=6",
            "--set=evaluate=[bits-per-byte, accuracy]",
            "--out=" + run);
    assertThat(run(line)).isZero();
    Path other = folder.resolve("runs/other");
    try (Stream<Path> paths = Files.walk(run)) {
      for (Path path : paths.toList()) {
        Path copy = other.resolve(run.relativize(path).toString());
        if (!Files.isDirectory(copy)) {
          Files.copy(path, copy);
        }
      }
    }
    words.put("RUN", run.toString());
    words.put("OTHER", other.toString());
    words.put("PATH", texts.toString());
    words.put(
        "ENCODER",
        ROOT.resolve("core/src/test/resources/dev/slipway/model/pretrained/sentence-mean")
            .toString());
    words.put(
        "CROSSENCODER",
        ROOT.resolve("core/src/test/resources/dev/slipway/model/pretrained/cross-bert").toString());
    words.put(
        "OPEN",
        ROOT.resolve("core/src/test/resources/dev/slipway/model/published/llama").toString());
    words.put(
        "CHATMODEL",
        ROOT.resolve("core/src/test/resources/dev/slipway/model/published/gpt2").toString());
    words.put(
        "questions.txt",
        Files.writeString(folder.resolve("questions.txt"), "What is a slipway?\n").toString());
    words.put("FILE", file.toString());
    for (String made :
        List.of(
            "model-f16.gguf",
            "model-q8_0.gguf",
            "model-q4_k_m.gguf",
            "exported",
            "exported-bf16",
            "exported-gguf",
            "vectors.safetensors")) {
      words.put(made, folder.resolve(made).toString());
    }
    chat(run.resolve("model"));
    Path audit = folder.resolve("audit.jsonl");
    try (AuditLog log = AuditLog.open(audit)) {
      log.tell(Json.object().put("event", "start"));
      words.put("HASH", log.head());
    }
    words.put("audit.jsonl", audit.toString());
    words.put(
        "feedback.jsonl",
        Files.writeString(
                folder.resolve("feedback.jsonl"), "{\"model\": \"tiny\", \"label\": true}\n")
            .toString());
    words.put("keys.json", folder.resolve("keys.json").toString());
    words.put("secrets", folder.resolve("secrets").toString());
    words.put("RECIPE", run.resolve("recipe.yaml").toString());
    predictions();
    customers();
    capitals();
    reviews();
    String tuning = blocks(ROOT.resolve("docs/tune.md"), "yaml").getFirst();
    words.put(
        "support.yaml",
        Files.writeString(
                folder.resolve("support.yaml"),
                tuning
                    .replace("path: notes", "path: \"" + texts.toAbsolutePath() + '"')
                    .replace(
                        "Qwen/Qwen3-0.6B, context: 1024", '"' + run.toString() + "\", context: 64"))
            .toString());
    conversations(run);
    words.put(
        "questions.jsonl",
        Files.writeString(
                folder.resolve("questions.jsonl"),
                "{\"query\": \"the larger one\", \"text\": \"return a > b ? a : b;\"}\n")
            .toString());
  }

  /** What the pages of instruction and preference tuning learn from, and their recipes. */
  private static void conversations(Path run) throws IOException {
    StringBuilder lines = new StringBuilder();
    StringBuilder pairs = new StringBuilder();
    for (int i = 0; i < 80; i++) {
      lines.append("{\"prompt\": \"%d\", \"completion\": \"int a\"}\n".formatted(i));
      pairs.append(
          "{\"prompt\": \"%d\", \"chosen\": \"int a\", \"rejected\": \"b\"}\n".formatted(i));
    }
    Files.writeString(folder.resolve("conversations.jsonl"), lines);
    Files.writeString(folder.resolve("pairs.jsonl"), pairs);
    for (String[] page :
        new String[][] {
          {"instruction-tuning.md", "assistant.yaml", "conversations.jsonl"},
          {"preferences.md", "preferring.yaml", "pairs.jsonl"}
        }) {
      String recipe = blocks(ROOT.resolve("docs").resolve(page[0]), "yaml").getFirst();
      words.put(
          page[1],
          Files.writeString(
                  folder.resolve(page[1]),
                  recipe
                      .replace("path: " + page[2], "path: \"" + folder.resolve(page[2]) + '"')
                      .replace("path: RUN, context: 256", "path: \"" + run + "\", context: 64"))
              .toString());
    }
    String judging = blocks(ROOT.resolve("docs/preferences.md"), "yaml").get(1);
    words.put(
        "judging.yaml",
        Files.writeString(
                folder.resolve("judging.yaml"),
                judging
                    .replace("path: pairs.jsonl", "path: \"" + folder.resolve("pairs.jsonl") + '"')
                    .replace("path: RUN, context: 256", "path: \"" + run + "\", context: 64"))
            .toString());
    words.put("JUDGE", folder.resolve("judge").toString());
    words.put("MERGED", folder.resolve("merged").toString());
    words.put(
        "answers.jsonl",
        Files.writeString(
                folder.resolve("answers.jsonl"),
                "[{\"role\": \"user\", \"content\": \"1\"}, {\"role\": \"assistant\", \"content\": \"int a\"}]\n")
            .toString());
  }

  /** The texts and the recipe of the page of encoders. */
  private static void reviews() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      lines.append(
          "{\"text\": \"the ship is %s , %d\", \"label\": \"%s\"}\n"
              .formatted(i % 3 == 0 ? "new" : "old", i, i % 3 == 0 ? "good" : "bad"));
    }
    Path data = Files.writeString(folder.resolve("reviews.jsonl"), lines);
    String recipe = blocks(ROOT.resolve("docs/encoders.md"), "yaml").getFirst();
    words.put(
        "reviews.yaml",
        Files.writeString(
                folder.resolve("reviews.yaml"),
                recipe
                    .replace("reviews.jsonl", '"' + data.toString() + '"')
                    .replace(
                        "sentence-transformers/all-MiniLM-L6-v2",
                        '"' + String.valueOf(words.get("ENCODER")) + '"'))
            .toString());
  }

  /** A model with a chat template, and the messages of its page. */
  private static void chat(Path model) throws IOException {
    Path chat = Files.createDirectories(folder.resolve("chat"));
    Files.copy(model.resolve("tokenizer.json"), chat.resolve("tokenizer.json"));
    Files.writeString(
        chat.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m.role }}: {{ m.content }}{% endfor %}");
    String messages = blocks(ROOT.resolve("docs/chat-templates.md"), "json").getFirst();
    words.put("CHAT", chat.toString());
    words.put("MESSAGES", Files.writeString(folder.resolve("messages.json"), messages).toString());
  }

  /** The task and the items of the page of evaluation. */
  private static void capitals() throws IOException {
    Path page = ROOT.resolve("docs/evaluate.md");
    Files.writeString(folder.resolve("capitals.jsonl"), blocks(page, "json").getFirst());
    Path task = folder.resolve("capitals.yaml");
    words.put("capitals.yaml", Files.writeString(task, blocks(page, "yaml").getFirst()).toString());
  }

  /** The table and the recipe of the page of tasks. */
  private static void customers() throws IOException {
    StringBuilder rows = new StringBuilder("age,plan,calls,left\n");
    for (int i = 0; i < 80; i++) {
      int calls = i * 7 % 11;
      rows.append(20 + i * 13 % 50).append(i % 3 == 0 ? ",gold," : ",basic,").append(calls);
      rows.append(calls > 5 ? ",yes\n" : ",no\n");
    }
    Path table = Files.writeString(folder.resolve("customers.csv"), rows);
    String recipe = blocks(ROOT.resolve("docs/tasks.md"), "yaml").getFirst();
    Path file =
        Files.writeString(
            folder.resolve("customers.yaml"),
            recipe.replace("customers.csv", '"' + table.toString() + '"'));
    words.put("customers.yaml", file.toString());
  }

  /** The files that the page of metrics measures. */
  private static void predictions() throws IOException {
    StringBuilder spam = new StringBuilder("id,truth,prediction,score_spam\n");
    StringBuilder animals = new StringBuilder("truth,score_cat,score_dog,score_emu\n");
    StringBuilder houses = new StringBuilder("truth,prediction\n");
    StringBuilder tags = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      boolean is = i % 3 == 0;
      double score = (i * 37 % 100) / 200.0 + (is ? 0.4 : 0);
      spam.append("m" + i + (is ? ",spam," : ",ham,") + (score >= 0.5 ? "spam," : "ham,") + score);
      spam.append('\n');
      animals
          .append(List.of("cat", "dog", "emu").get(i % 3))
          .append(i % 4 == 0 ? ",.5,.3,.2\n" : ",.2,.5,.3\n");
      houses.append(100 + i).append(',').append(100 + i + i % 5 - 2).append('\n');
      tags.append("{\"truth\": [\"B-PER\", \"O\"], \"prediction\": [\"B-PER\", \"B-LOC\"]}\n");
    }
    Map<String, CharSequence> files = new HashMap<>();
    for (String name : List.of("predictions.csv", "validation.csv", "other.csv")) {
      files.put(name, spam);
    }
    files.put("animals.csv", animals);
    files.put("houses.csv", houses);
    files.put("tags.jsonl", tags);
    files.put("photos.csv", "truth,prediction\nbig;red,big\nred,red\n");
    files.put("german.csv", "truth,prediction\nein Hund läuft,ein Hund rennt\n");
    files.put("speech.csv", "truth,prediction\nfive one,five nine\n");
    files.put("films.csv", "user,truth,score\nann,1,0.9\nann,0,0.3\nbob,1,0.2\nbob,0,0.8\n");
    for (Map.Entry<String, CharSequence> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      words.put(file.getKey(), Files.writeString(path, file.getValue()).toString());
    }
  }

  @Test
  void everyCommandOfThePagesIsCarriedOut() throws IOException {
    List<String> seen = new ArrayList<>();
    for (Path page : pages()) {
      words.put("DIR", folder.resolve("dir-" + page.getFileName()).toString());
      for (String line : commands(page)) {
        List<String> arguments = words(line);
        seen.add(arguments.getFirst());
        switch (arguments.getFirst()) {
          case "build", "test" ->
              assertThat(Files.readString(ROOT.resolve("slipway")))
                  .contains("\n  " + arguments.getFirst() + ")\n");
          case "launch", "serve", "pull" ->
              assertThat(Slipway.commandLine().parseArgs(arguments.toArray(String[]::new)).errors())
                  .as(line)
                  .isEmpty();
          default -> assertThat(carryOut(arguments)).as(page + ": ./slipway " + line).isZero();
        }
      }
    }
    assertThat(seen)
        .as("pages that show next to nothing can't pass")
        .hasSizeGreaterThan(25)
        .contains("launch", "run", "plan", "resume", "eval", "generate", "score", "tokenize")
        .contains("detokenize", "tokenizer", "serve", "runs", "doctor", "test");
  }

  @Test
  void everyQuestionToTheLedgerIsAnswered() throws IOException, SQLException {
    int questions = 0;
    for (String sql : blocks(ROOT.resolve("docs/runs.md"), "sql")) {
      try (var connection = DriverManager.getConnection("jdbc:duckdb:");
          var statement = connection.createStatement();
          var rows = statement.executeQuery(sql.replace("RUN", words.get("RUN")))) {
        assertThat(rows.getMetaData().getColumnCount()).isPositive();
        questions++;
      }
    }
    assertThat(questions).isEqualTo(2);
  }

  @Test
  void thePythonOfTheGeneratePageRuns() throws IOException, InterruptedException {
    String python = System.getenv("SLIPWAY_PYTHON");
    assumeTrue(python != null, "skipped: SLIPWAY_PYTHON names no Python with transformers");
    String program = String.join("\n", blocks(ROOT.resolve("docs/generate.md"), "python"));
    Process process =
        new ProcessBuilder(python, "-c", program.replace("RUN/", words.get("RUN") + "/"))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("public static int max(");
  }

  @Test
  void requestsStandOnlyWhereTheyAreSent() throws IOException {
    for (Path page : pages()) {
      if (Stream.of(
              "serve.md",
              "several-models.md",
              "tools.md",
              "secure-a-service.md",
              "watch-a-service.md")
          .noneMatch(sent -> page.endsWith("docs/" + sent))) {
        assertThat(blocks(page, "").stream().filter(block -> block.contains("curl "))).isEmpty();
      }
    }
  }

  @Test
  void everyLinkAndPictureIsThere() throws IOException {
    int links = 0;
    for (Path page : pages()) {
      for (MatchResult link : LINK.matcher(Files.readString(page)).results().toList()) {
        String target = link.group(1);
        if (!target.contains("://") && !target.startsWith("#")) {
          Path file = page.resolveSibling(target.replaceFirst("#.*", ""));
          assertThat(Files.exists(file)).as(page + " → " + target).isTrue();
          links++;
        }
      }
    }
    assertThat(links).isGreaterThan(15);
  }

  @Test
  void theTroubleshootingPageHasEveryCodeAndNoOther() throws IOException {
    TreeSet<String> codes = new TreeSet<>();
    for (String module : List.of("tensor", "core", "platform", "cli")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          String text = Files.readString(file);
          if (text.contains("SlipwayException") || text.contains("Problem.exception")) {
            CODE.matcher(text).results().map(match -> match.group(1)).forEach(codes::add);
          }
        }
      }
    }
    // Names of files and of settings, and the beginning of a code that a loss completes.
    codes.removeIf(
        code ->
            code.matches(
                ".*\\.(bias|db|de|en|html|java|json|safetensors|weight|yaml)|tokenizer\\.model"));
    assertThat(codes.remove("train.loss-")).isTrue();
    codes.addAll(List.of("train.loss-exploded", "train.loss-not-finite"));
    Pattern.compile("(?:die |error\\[)(launcher\\.[a-z-]+)")
        .matcher(Files.readString(ROOT.resolve("slipway")))
        .results()
        .map(match -> match.group(1))
        .forEach(codes::add);
    List<String> told =
        Pattern.compile("^\\| `([a-z.0-9-]+)` \\|", Pattern.MULTILINE)
            .matcher(Files.readString(ROOT.resolve("docs/troubleshooting.md")))
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(codes).hasSizeGreaterThan(80);
    assertThat(told).doesNotHaveDuplicates();
    assertThat(told).containsExactlyInAnyOrderElementsOf(codes);
  }

  @Test
  void theTroubleshootingPageHasEveryExitCode() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/troubleshooting.md"));
    for (Exit exit : Exit.values()) {
      assertThat(page).containsPattern("\n\\| " + exit.status() + " \\| ");
    }
  }

  /** Runs a line; what stands behind {@code >} gets its output and can be named afterwards. */
  private static int carryOut(List<String> line) throws IOException {
    List<String> arguments = new ArrayList<>(line);
    if (arguments.getFirst().equals("runs") || arguments.getFirst().equals("resume")) {
      arguments.add("--runs=" + folder.resolve("runs"));
    }
    int from = arguments.indexOf("<");
    if (from >= 0) {
      InputStream before = System.in;
      System.setIn(Files.newInputStream(Path.of(arguments.get(from + 1))));
      try {
        return run(arguments.subList(0, from));
      } finally {
        System.setIn(before);
      }
    }
    int into = arguments.indexOf(">");
    if (into < 0) {
      return run(arguments);
    }
    Path file = folder.resolve(arguments.get(into + 1));
    words.put(arguments.get(into + 1), file.toString());
    arguments.subList(into, into + 2).clear();
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      return run(arguments);
    } finally {
      System.setOut(before);
      Files.write(file, bytes.toByteArray());
    }
  }

  private static int run(List<String> arguments) {
    return Slipway.run(arguments.toArray(String[]::new));
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    for (String place : List.of("docs", "recipes")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(place))) {
        files.filter(path -> path.toString().endsWith(".md")).sorted().forEach(pages::add);
      }
    }
    assertThat(pages).hasSizeGreaterThan(8);
    return pages;
  }

  /** The lines that begin with {@code ./slipway}, without that. */
  private static List<String> commands(Path page) throws IOException {
    return blocks(page, "").stream()
        .flatMap(block -> block.replace("\\\n", " ").lines())
        .filter(line -> line.startsWith("./slipway "))
        .map(line -> line.substring("./slipway ".length()))
        .toList();
  }

  /** The fenced blocks of a language; those without a language and of the shell for none. */
  private static List<String> blocks(Path page, String language) throws IOException {
    Matcher blocks = BLOCK.matcher(Files.readString(page));
    return blocks
        .results()
        .filter(block -> block.group(1).replaceFirst("^sh$", "").equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  private static List<String> words(String line) {
    return WORD.matcher(line)
        .results()
        .map(
            word -> {
              if (word.group(3) == null) {
                return word.group(1) != null ? word.group(1) : word.group(2);
              }
              String[] parts = word.group(3).split("/", 2);
              String first = words.getOrDefault(parts[0], parts[0]);
              return parts.length == 1 ? first : first + "/" + parts[1];
            })
        .toList();
  }

  private static String source(int i) {
    return """
        package example;

        /** Counts to %1$d. */
        public final class Class%1$d {
          private int count = %1$d;

          /** Returns the larger of two values. */
          public static int max(int a, int b) {
            return a > b ? a : b;
          }

          public int next() {
            count = max(count + %2$d, %3$d);
            return count;
          }
        }
        """
        .formatted(i, i * 7 % 13, i * i);
  }
}
