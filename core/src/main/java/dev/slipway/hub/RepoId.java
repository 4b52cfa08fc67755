package dev.slipway.hub;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model on the hub.
 *
 * @param organisation or user
 * @param revision a branch, a tag or a commit
 */
public record RepoId(String organisation, String name, String revision) {
  private static final String MAIN = "main";
  private static final Pattern SHAPE =
      Pattern.compile("([A-Za-z0-9][\\w.-]*)/([A-Za-z0-9_][\\w.-]*)(?:@([\\w][\\w./-]*))?");

  /** Whether a text has the shape of {@code ORG/NAME} or {@code ORG/NAME@REVISION}. */
  public static boolean isOne(String text) {
    return SHAPE.matcher(text).matches() && !text.contains("..");
  }

  public static RepoId parse(String text) {
    Matcher matcher = SHAPE.matcher(text);
    if (!matcher.matches() || text.contains("..")) {
      throw HubProblems.badName(text);
    }
    String revision = matcher.group(3);
    return new RepoId(matcher.group(1), matcher.group(2), revision == null ? MAIN : revision);
  }

  /** {@code ORG/NAME}. */
  public String id() {
    return organisation + "/" + name;
  }

  /** As it is written in messages. */
  String shown() {
    return revision.equals(MAIN) ? id() : id() + "@" + revision;
  }

  boolean isCommit() {
    return revision.matches("[0-9a-f]{40}");
  }
}
