package dev.slipway.recipe.tuning;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
import dev.slipway.data.conversation.OverLong;
import dev.slipway.data.conversation.SequenceEncoder;
import dev.slipway.recipe.TemplateSettings;
import dev.slipway.tokenizer.SpecialTokens;
import dev.slipway.tokenizer.chat.ChatTemplate;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import dev.slipway.tokenizer.chat.TextFingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * How conversations become a model's tokens, by the template that a recipe names.
 *
 * @param own the template where it is not the model's, to be written beside it
 */
record ChatTexts(BaseModel base, ChatTokenizer chat, @Nullable String own) {
  /** What templates are told where they ask for the time: a run does not depend on its day. */
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 1, 1, 0, 0);

  /**
   * Headings, since a model that was trained on text alone has no tokens for turns. What the
   * assistant says ends with the token that ends its answers.
   */
  static final String PLAIN =
      """
      {%- if bos_token is defined %}{{- bos_token }}{% endif -%}
      {%- for message in messages -%}
      {{- '### ' + message.role + '\n' + ((message.content or '') | trim) -}}
      {%- if message.role == 'assistant' -%}{{- eos_token -}}{%- endif -%}
      {{- '\n' -}}
      {%- endfor -%}
      {%- if add_generation_prompt -%}{{- '### assistant\n' -}}{%- endif -%}
      """;

  /** What a recipe leaves open, settled; a file's template stands in the recipe from then on. */
  static TemplateSettings settled(Auto<TemplateSettings> given, BaseModel base) {
    if (given.isAuto()) {
      return ChatTemplates.in(base.folder())
          ? new TemplateSettings.OfModel()
          : new TemplateSettings.Plain();
    }
    return given.value() instanceof TemplateSettings.File(String path)
        ? new TemplateSettings.Text(read(Path.of(path)))
        : given.value();
  }

  /**
   * @throws SlipwayException {@code chat.no-template}, {@code chat.template-unreadable} or {@code
   *     chat.template-malformed}
   */
  static ChatTexts of(Auto<TemplateSettings> given, BaseModel base) {
    String source =
        switch (settled(given, base)) {
          case TemplateSettings.OfModel() -> null;
          case TemplateSettings.Plain() -> PLAIN;
          case TemplateSettings.Text(String jinja) -> jinja;
          case TemplateSettings.File _ -> throw new IllegalStateException("a file was read");
        };
    if (source == null) {
      return new ChatTexts(
          base, new ChatTokenizer(base.tokenizer(), ChatTemplates.open(base.folder())), null);
    }
    SequencedMap<String, ChatTemplate> named = new LinkedHashMap<>();
    named.put("default", ChatTemplate.of(source, roles(base)));
    return new ChatTexts(
        base, new ChatTokenizer(base.tokenizer(), new ChatTemplates(named)), source);
  }

  /** The folder's, as the model's reader will have them. */
  private static SequencedMap<String, String> roles(BaseModel base) {
    return SpecialTokens.of(base.folder()).byRole();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw unreadable(file, "it is not there", e);
    } catch (IOException e) {
      throw unreadable(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static SlipwayException unreadable(Path file, String why, IOException e) {
    return new SlipwayException(
        Exit.INPUT,
        "chat.template-unreadable",
        "the chat template " + file + " can't be read: " + why,
        "name a Jinja template in UTF-8, or one of plain and of-model",
        e);
  }

  SequenceEncoder encoder(OverLong overLong, boolean allTokens) {
    List<Integer> ends = new ArrayList<>(base.ids().eos());
    if (!ends.contains(base.endId())) {
      ends.add(base.endId());
    }
    return new SequenceEncoder(
        chat, new SequenceEncoder.Settings(base.context(), overLong, allTokens, ends), NOW);
  }

  /** What begins a text and must not come twice. */
  DoubledStart doubledStart() {
    Integer bos = base.ids().bos();
    return new DoubledStart(
        bos == null ? -1 : bos,
        // Where one token begins and ends texts, an end and a beginning may stand side by side.
        bos == null || base.ids().eos().contains(bos) || bos == base.endId(),
        base.tokenizer());
  }

  /** What rows are filled up with; nothing sees it. */
  int padId() {
    Integer pad = base.ids().pad();
    return pad == null ? base.endId() : pad;
  }

  TextFingerprint fingerprint() {
    return TextFingerprint.of(base.tokenizer(), SpecialTokens.of(base.folder()), chat.templates());
  }

  /** What belongs to the model beside its weights. */
  Map<String, String> files() {
    String template = own;
    return template == null ? Map.of() : Map.of("chat_template.jinja", template);
  }
}
