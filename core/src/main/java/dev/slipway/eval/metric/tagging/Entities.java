package dev.slipway.eval.metric.tagging;

import java.util.ArrayList;
import java.util.List;

/**
 * The entities that the tags of a sequence tell, by the rules of the CoNLL evaluation as seqeval
 * carries them out: {@code B-}, {@code I-}, {@code E-}, {@code S-} and {@code O}; an entity also
 * begins where the type changes. Tjong Kim Sang and Buchholz 2000, "Introduction to the CoNLL-2000
 * Shared Task: Chunking".
 */
public final class Entities {
  /**
   * One entity.
   *
   * @param type such as {@code PER}; {@code _} of a bare tag
   * @param first index of its first token
   * @param last index of its last token
   */
  public record Entity(String type, int first, int last) {}

  private Entities() {}

  public static List<Entity> of(List<String> tags) {
    List<Entity> entities = new ArrayList<>();
    char before = 'O';
    String typeBefore = "";
    int first = 0;
    for (int i = 0; i <= tags.size(); i++) {
      String whole = i < tags.size() && !tags.get(i).isEmpty() ? tags.get(i) : "O";
      char tag = whole.charAt(0);
      String type = type(whole);
      if (ends(before, tag, typeBefore, type)) {
        entities.add(new Entity(typeBefore, first, i - 1));
      }
      if (begins(before, tag, typeBefore, type)) {
        first = i;
      }
      before = tag;
      typeBefore = type;
    }
    return entities;
  }

  private static String type(String tag) {
    String rest = tag.substring(1);
    int dash = rest.indexOf('-');
    String type = dash < 0 ? rest : rest.substring(dash + 1);
    return type.isEmpty() ? "_" : type;
  }

  private static boolean ends(char before, char tag, String typeBefore, String type) {
    return switch (before) {
      case 'E', 'S' -> true;
      case 'B', 'I' -> tag == 'B' || tag == 'S' || tag == 'O' || !typeBefore.equals(type);
      case 'O', '.' -> false;
      default -> !typeBefore.equals(type);
    };
  }

  private static boolean begins(char before, char tag, String typeBefore, String type) {
    boolean fresh = before == 'E' || before == 'S' || before == 'O';
    return switch (tag) {
      case 'B', 'S' -> true;
      case 'E', 'I' -> fresh || !typeBefore.equals(type);
      case 'O', '.' -> false;
      default -> !typeBefore.equals(type);
    };
  }
}
