package dev.slipway.tokenizer.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a parser notes on its way: which names are read and written, and what it does not know. */
final class Names {
  private record Use(String name, boolean written) {}

  private record Unknown(String message, int line, boolean conditional) {}

  private final List<Use> uses = new ArrayList<>();
  private final List<Unknown> unknown = new ArrayList<>();
  private boolean conditional;

  void read(String name) {
    uses.add(new Use(name, false));
  }

  void written(String name) {
    uses.add(new Use(name, true));
  }

  int mark() {
    return uses.size();
  }

  /** Whether a name was written since a mark. */
  boolean writtenSince(int mark, String name) {
    return uses.subList(mark, uses.size()).contains(new Use(name, true));
  }

  /** Which of the names were read since a mark before they were written. */
  Set<String> readSince(int mark, Set<String> names) {
    Set<String> left = new HashSet<>(names);
    Set<String> read = new HashSet<>();
    for (Use use : uses.subList(mark, uses.size())) {
      if (use.written()) {
        left.remove(use.name());
      } else if (left.contains(use.name())) {
        read.add(use.name());
      }
    }
    return read;
  }

  /**
   * Says whether what follows is in a branch, where an unknown filter is a mistake only once it is
   * reached.
   *
   * @return what was said before
   */
  boolean conditional(boolean now) {
    boolean before = conditional;
    conditional = now;
    return before;
  }

  int unknownMark() {
    return unknown.size();
  }

  void unknown(String kind, String name, int line) {
    unknown.add(
        new Unknown("No %s named %s.".formatted(kind, Printed.quoted(name)), line, conditional));
  }

  /** What was noted since a mark turned out to stand in a branch. */
  void conditionalSince(int mark) {
    unknown
        .subList(mark, unknown.size())
        .replaceAll(each -> new Unknown(each.message(), each.line(), true));
  }

  void failIfUnknown() {
    for (Unknown each : unknown) {
      if (!each.conditional()) {
        throw new TemplateException("TemplateAssertionError", each.message(), each.line());
      }
    }
  }
}
