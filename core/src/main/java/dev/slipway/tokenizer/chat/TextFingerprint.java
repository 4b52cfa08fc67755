package dev.slipway.tokenizer.chat;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.SpecialTokens;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How text becomes a model's tokens, in one number and in parts, so that two sides that differ can
 * say in what. It goes with prepared data, models and adapters as the file {@value #FILE}, which
 * other tools pass over. Each part is a SHA-256 in hexadecimal of JSON with sorted keys.
 *
 * @param vocabulary tokens and their ids
 * @param merges of a BPE; the hash of an empty list where there are none
 * @param specialTokens added tokens with their flags, and which role each has
 * @param rules all else of {@code tokenizer.json}: normalizer, pre-tokenizer, post-processor,
 *     decoder
 * @param chatTemplate the templates by their names; the hash of an empty object where there is none
 */
public record TextFingerprint(
    String vocabulary, String merges, String specialTokens, String rules, String chatTemplate) {
  public static final String FILE = "text_fingerprint.json";

  /** Says nothing of what a text comes to. */
  private static final List<String> LEFT_OUT =
      List.of("version", "truncation", "padding", "added_tokens");

  /**
   * @param templates null where the model has none
   */
  public static TextFingerprint of(
      Tokenizer tokenizer, SpecialTokens roles, @Nullable ChatTemplates templates) {
    ObjectNode rules = tokenizer.document();
    JsonNode added = rules.path("added_tokens");
    LEFT_OUT.forEach(rules::remove);
    JsonNode vocabulary = Json.object();
    ArrayNode merges = Json.array();
    if (rules.path("model") instanceof ObjectNode model) {
      vocabulary = model.path("vocab");
      for (JsonNode merge : model.path("merges")) {
        // Older files have a text with a space between, newer ones a pair.
        merges.add(
            merge.isArray()
                ? merge.path(0).asString("") + " " + merge.path(1).asString("")
                : merge.asString(""));
      }
      model.remove("vocab");
      model.remove("merges");
    }
    leaveOutWhatDoesNothing(rules);
    ObjectNode special = Json.object();
    special.set("added_tokens", added.isMissingNode() ? Json.array() : added);
    ObjectNode named = special.putObject("roles");
    roles.byRole().forEach(named::put);
    ObjectNode sources = Json.object();
    if (templates != null) {
      templates.named().forEach((name, template) -> sources.put(name, template.source()));
    }
    return new TextFingerprint(
        Json.fingerprint(vocabulary),
        Json.fingerprint(merges),
        Json.fingerprint(special),
        Json.fingerprint(rules),
        Json.fingerprint(sources));
  }

  /**
   * A post-processor that adds nothing, and settings that the byte-level decoder has but does not
   * read: writers differ in them.
   */
  private static void leaveOutWhatDoesNothing(ObjectNode rules) {
    JsonNode post = rules.path("post_processor");
    boolean adds =
        switch (post.path("type").asString("")) {
          case "", "ByteLevel" -> false;
          case "TemplateProcessing" -> !post.path("special_tokens").isEmpty();
          default -> true;
        };
    if (!adds) {
      rules.remove("post_processor");
    }
    if (rules.path("decoder") instanceof ObjectNode decoder
        && decoder.path("type").asString("").equals("ByteLevel")) {
      rules.putObject("decoder").put("type", "ByteLevel");
    }
  }

  /** All parts in one SHA-256, in hexadecimal. */
  public String value() {
    String parts = String.join("\n", vocabulary, merges, specialTokens, rules, chatTemplate);
    return Hashing.sha256(parts);
  }

  /** In what it differs from another one, in words; nothing where both are the same. */
  public List<String> differences(TextFingerprint other) {
    List<String> differences = new ArrayList<>();
    Map<String, String> theirs = other.parts();
    parts()
        .forEach(
            (name, part) -> {
              if (!part.equals(theirs.get(name))) {
                differences.add(name);
              }
            });
    return differences;
  }

  /** As this, but for the parts in which two others differ: these are the later one's. */
  public TextFingerprint changed(TextFingerprint then, TextFingerprint now) {
    return new TextFingerprint(
        then.vocabulary.equals(now.vocabulary) ? vocabulary : now.vocabulary,
        then.merges.equals(now.merges) ? merges : now.merges,
        then.specialTokens.equals(now.specialTokens) ? specialTokens : now.specialTokens,
        then.rules.equals(now.rules) ? rules : now.rules,
        then.chatTemplate.equals(now.chatTemplate) ? chatTemplate : now.chatTemplate);
  }

  private Map<String, String> parts() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("the vocabulary", vocabulary);
    parts.put("the merges", merges);
    parts.put("the special tokens", specialTokens);
    parts.put("the tokenizer's rules", rules);
    parts.put("the chat template", chatTemplate);
    return parts;
  }

  /** Writes it into a folder, beside what it goes with. */
  public void write(Path folder) {
    AtomicFiles.write(folder.resolve(FILE), json());
  }

  /** The content of {@value #FILE}. */
  public String json() {
    return Json.write(this);
  }

  /** What a folder says it was made with, or null where it says nothing. */
  public static @Nullable TextFingerprint recorded(Path folder) {
    Path file = folder.resolve(FILE);
    return Files.isRegularFile(file) ? Json.read(file, TextFingerprint.class) : null;
  }

  /**
   * Refuses what was made with another text.
   *
   * @param made what the folder {@code of} was made with
   * @param by what this fingerprint is of, such as a model's folder
   * @throws SlipwayException {@code tokenizer.fingerprint-mismatch} with both sides and what
   *     differs
   */
  public void check(TextFingerprint made, String of, String by) {
    List<String> differences = differences(made);
    if (!differences.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "tokenizer.fingerprint-mismatch",
          "%s was made with the text fingerprint %s, %s has %s; they differ in %s"
              .formatted(
                  of, shortened(made), by, shortened(this), String.join(" and ", differences)),
          "put back the tokenizer files and the chat template that "
              + of
              + " was made with, or delete its "
              + FILE
              + " if the change is meant");
    }
  }

  private static String shortened(TextFingerprint fingerprint) {
    return fingerprint.value().substring(0, 12);
  }
}
