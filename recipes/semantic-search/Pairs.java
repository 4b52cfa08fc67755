import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Makes pairs of the JDK's Javadoc: a comment's first sentence, and all that it says after that. {@code java Pairs.java SRC_ZIP FOLDER} writes
 * train.jsonl and questions.jsonl ({"query", "text"}; one class in ten is for questions), and texts.txt with the texts of all, one a line.
 */
class Pairs {
  private static final Pattern COMMENT =
      Pattern.compile("/\\*\\*(.*?)\\*/\\s*(?:@\\w+(?:\\([^)]*\\))?\\s*)*(?:public|protected|default|static|abstract|final|[A-Za-z<])", Pattern.DOTALL);
  private static final Pattern SENTENCE = Pattern.compile("(?<!e\\.g|i\\.e)\\.(?=\\s|$)");
  private static final int LEAST_QUERY = 25;
  private static final int LEAST_TEXT = 60;
  private static final int MOST_TEXT = 600;

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[1]));
    Set<String> queries = new HashSet<>();
    Set<String> texts = new HashSet<>();
    List<String> training = new ArrayList<>();
    List<String> questions = new ArrayList<>();
    List<String> all = new ArrayList<>();
    try (ZipFile zip = new ZipFile(arguments[0])) {
      TreeMap<String, ZipEntry> sources = new TreeMap<>();
      zip.stream().filter(e -> e.getName().matches("java\\.base/(java|javax)/.*\\.java")).forEach(e -> sources.put(e.getName(), e));
      for (var source : sources.entrySet()) {
        String code = new String(zip.getInputStream(source.getValue()).readAllBytes(), StandardCharsets.UTF_8);
        CRC32 sum = new CRC32();
        sum.update(source.getKey().getBytes(StandardCharsets.UTF_8));
        List<String> lines = sum.getValue() % 10 == 0 ? questions : training;
        Matcher comments = COMMENT.matcher(code);
        while (comments.find()) {
          String comment = plain(comments.group(1));
          Matcher end = SENTENCE.matcher(comment);
          if (comment.contains("@inheritDoc") || !end.find()) {
            continue;
          }
          String query = comment.substring(0, end.end()).strip();
          String text = comment.substring(end.end()).strip();
          text = text.length() > MOST_TEXT ? text.substring(0, MOST_TEXT) : text;
          // What is said twice word for word has no one right answer.
          if (query.length() >= LEAST_QUERY && query.length() <= 200 && text.length() >= LEAST_TEXT && queries.add(query) && texts.add(text)) {
            lines.add("{\"query\": " + json(query) + ", \"text\": " + json(text) + "}");
            all.add(text);
          }
        }
      }
    }
    Files.write(folder.resolve("train.jsonl"), training);
    Files.write(folder.resolve("questions.jsonl"), questions);
    Files.write(folder.resolve("texts.txt"), all);
    new PrintStream(System.out, true).println(training.size() + " pairs to learn from, " + questions.size() + " questions, " + all.size() + " texts");
  }

  /** The comment's own words: no stars, tags and markup; of block tags only what is returned. */
  private static String plain(String comment) {
    String text = comment.replaceAll("(?m)^\\s*\\*+ ?", " ");
    String returned = "";
    Matcher returns = Pattern.compile("(?s)@return\\s+(.*?)(?=\\s@\\w+\\s|$)").matcher(text);
    if (returns.find()) {
      returned = " Returns " + returns.group(1);
    }
    text = text.replaceAll("(?s)(^|\\s)@(param|return|throws|exception|see|since|author|implNote|apiNote|implSpec|serial|spec|jls|deprecated)\\b.*", "") + returned;
    for (int i = 0; i < 3; i++) {
      text = text.replaceAll("\\{@(?:code|literal|systemProperty|value|index|return|summary)\\s*([^{}]*)}", "$1");
      text = text.replaceAll("\\{@(?:link|linkplain)\\s+([^\\s{}]+)\\s*}", "$1").replaceAll("\\{@(?:link|linkplain)\\s+[^\\s{}]+\\s+([^{}]*)}", "$1");
    }
    return text.replaceAll("<[^>]*>", " ").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").replaceAll("&\\w+;", " ").replace('#', '.').replaceAll("\\s+", " ").strip();
  }

  private static String json(String text) {
    StringBuilder json = new StringBuilder("\"");
    text.codePoints().forEach(c -> {
      if (c == '"' || c == '\\') {
        json.append('\\').appendCodePoint(c);
      } else if (c < 32) {
        json.append(String.format("\\u%04x", c));
      } else {
        json.appendCodePoint(c);
      }
    });
    return json.append('"').toString();
  }
}
