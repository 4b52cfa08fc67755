package dev.slipway.tokenizer.chat;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.SpecialTokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The chat templates of a model's folder: {@code chat_template.jinja} and {@code
 * additional_chat_templates/}, else {@code chat_template} in {@code tokenizer_config.json}, which
 * is one template or a list of named ones.
 *
 * @param named templates by name, {@code default} among them where the model has one
 */
public record ChatTemplates(SequencedMap<String, ChatTemplate> named) {
  private static final String DEFAULT = "default";
  private static final String FOR_TOOLS = "tool_use";

  public ChatTemplates {
    named = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(named));
  }

  /**
   * @throws SlipwayException where the folder has no template, or one that is malformed
   */
  public static ChatTemplates open(Path folder) {
    Path configFile = folder.resolve("tokenizer_config.json");
    JsonNode config = Files.exists(configFile) ? Json.read(configFile) : Json.object();
    return of(
        sources(folder, config.path("chat_template")),
        SpecialTokens.of(folder, config),
        folder
            + " has no chat template, expected chat_template.jinja or one in tokenizer_config.json");
  }

  /**
   * The templates of a {@code tokenizer_config.json} that is all there is.
   *
   * @param name what the model is called in an error
   */
  public static ChatTemplates of(JsonNode config, String name) {
    return of(
        inConfig(config.path("chat_template")),
        SpecialTokens.of(config),
        name + " has no chat template");
  }

  private static ChatTemplates of(
      SequencedMap<String, String> sources, SpecialTokens tokens, String none) {
    if (sources.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "chat.no-template",
          none,
          "use a model that was tuned for conversations, or --text");
    }
    SequencedMap<String, ChatTemplate> named = new LinkedHashMap<>();
    sources.forEach((name, source) -> named.put(name, ChatTemplate.of(source, tokens.byRole())));
    return new ChatTemplates(named);
  }

  /** Whether the folder has a template. */
  public static boolean in(Path folder) {
    Path config = folder.resolve("tokenizer_config.json");
    JsonNode inside =
        Files.exists(config) ? Json.read(config).path("chat_template") : Json.object();
    return !sources(folder, inside).isEmpty();
  }

  /** The template for a conversation: that for tools where it has tools and there is one. */
  public ChatTemplate of(Conversation conversation) {
    return conversation.tools() == null ? named(null) : forTools();
  }

  /** The template for conversations with tools. */
  public ChatTemplate forTools() {
    return named(named.containsKey(FOR_TOOLS) ? FOR_TOOLS : null);
  }

  /**
   * @param name null for the usual one
   */
  public ChatTemplate named(@Nullable String name) {
    ChatTemplate template = named.get(name == null ? DEFAULT : name);
    if (template == null) {
      throw new SlipwayException(
          Exit.INPUT,
          "chat.no-such-template",
          "the model has no chat template named %s, expected one of %s"
              .formatted(name == null ? DEFAULT : name, named.keySet()),
          "name one of these");
    }
    return template;
  }

  private static SequencedMap<String, String> sources(Path folder, JsonNode inConfig) {
    SequencedMap<String, String> sources = new LinkedHashMap<>();
    Path file = folder.resolve("chat_template.jinja");
    Path more = folder.resolve("additional_chat_templates");
    if (Files.isRegularFile(file)) {
      sources.put(DEFAULT, read(file));
    }
    if (Files.isDirectory(more)) {
      try (Stream<Path> files = Files.list(more)) {
        TreeMap<String, Path> sorted = new TreeMap<>();
        files.forEach(each -> sorted.put(String.valueOf(each.getFileName()), each));
        sorted.forEach(
            (name, each) -> {
              if (name.endsWith(".jinja")) {
                sources.put(name.substring(0, name.length() - ".jinja".length()), read(each));
              }
            });
      } catch (IOException e) {
        throw unreadable(more, e);
      }
    }
    return sources.isEmpty() ? inConfig(inConfig) : sources;
  }

  private static SequencedMap<String, String> inConfig(JsonNode inConfig) {
    SequencedMap<String, String> sources = new LinkedHashMap<>();
    if (inConfig.isString()) {
      sources.put(DEFAULT, inConfig.asString());
    } else {
      for (JsonNode each : inConfig) {
        if (each.path("name").isString() && each.path("template").isString()) {
          sources.put(each.path("name").asString(), each.path("template").asString());
        }
      }
    }
    return sources;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static SlipwayException unreadable(Path file, IOException e) {
    return new SlipwayException(
        Exit.INPUT,
        "chat.template-unreadable",
        file + " can't be read (" + e.getMessage() + ")",
        "check its permissions and that it is UTF-8",
        e);
  }
}
