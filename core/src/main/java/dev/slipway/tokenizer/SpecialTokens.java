package dev.slipway.tokenizer;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The tokens to which a model's folder gives a role.
 *
 * @param byRole texts of tokens by {@code bos_token}, {@code eos_token} and the like
 */
public record SpecialTokens(SequencedMap<String, String> byRole) {
  private static final List<String> ROLES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  public SpecialTokens {
    byRole = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(byRole));
  }

  /** Those of {@code tokenizer_config.json}, or of the older {@code special_tokens_map.json}. */
  public static SpecialTokens of(Path folder) {
    Path file = folder.resolve("tokenizer_config.json");
    return of(folder, Files.exists(file) ? object(file) : Json.object());
  }

  private static JsonNode object(Path file) {
    JsonNode json = Json.read(file);
    if (!json.isObject()) {
      throw new SlipwayException(
          Exit.INPUT,
          "tokenizer.malformed",
          file + " is no JSON object, expected one with bos_token, eos_token and the like",
          "take the one that the model came with, or remove it");
    }
    return json;
  }

  /**
   * @param config of {@code tokenizer_config.json}
   */
  public static SpecialTokens of(Path folder, JsonNode config) {
    Path older = folder.resolve("special_tokens_map.json");
    return of(
        config,
        !config.has("added_tokens_decoder") && Files.exists(older) ? object(older) : Json.object());
  }

  /** Those of a {@code tokenizer_config.json} that is all there is. */
  public static SpecialTokens of(JsonNode config) {
    return of(config, Json.object());
  }

  private static SpecialTokens of(JsonNode config, JsonNode map) {
    SequencedMap<String, String> tokens = new LinkedHashMap<>();
    for (String role : ROLES) {
      JsonNode token = map.has(role) ? map.path(role) : config.path(role);
      JsonNode content = token.isObject() ? token.path("content") : token;
      if (content.isString()) {
        tokens.put(role, content.asString());
      }
    }
    return new SpecialTokens(tokens);
  }

  /** The token that begins a text, else the one that ends it; null where there is neither. */
  public @Nullable String first() {
    String bos = byRole.get("bos_token");
    return bos == null ? byRole.get("eos_token") : bos;
  }
}
