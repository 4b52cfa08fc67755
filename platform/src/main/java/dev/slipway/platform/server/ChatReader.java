package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.infer.grammar.AnswerFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the body of a chat completions request. */
final class ChatReader {
  private static final Set<String> UNSUPPORTED =
      new TreeSet<>(List.of("functions", "function_call", "audio", "prediction"));

  /** The last eight change nothing of an answer. */
  private static final Set<String> KNOWN =
      RequestFields.generatingAnd(
          "messages",
          "tools",
          "tool_choice",
          "max_completion_tokens",
          "top_logprobs",
          "chat_template_kwargs",
          "add_generation_prompt",
          "continue_final_message",
          "reasoning_effort",
          "metadata",
          "store",
          "service_tier",
          "parallel_tool_calls",
          "prompt_cache_key",
          "prompt_cache_retention",
          "safety_identifier",
          "modalities");

  private static final int MOST_LOGPROBS = 20;

  private final RequestFields fields;

  private ChatReader(RequestFields fields) {
    this.fields = fields;
  }

  /**
   * @throws ApiProblem 400 that names the field, what came and what was expected
   */
  static ChatRequest read(byte[] bytes) {
    return new ChatReader(RequestFields.of(bytes)).request();
  }

  private ChatRequest request() {
    fields.require(KNOWN, UNSUPPORTED);
    requireText(fields.field("modalities"));
    ToolUse tools = ToolUse.read(fields);
    AnswerFormat format = FormatReader.read(fields);
    if (tools.isForced() && !format.equals(AnswerFormat.TEXT)) {
      throw ApiProblem.invalid(
          "tool_choice",
          "invalid_value",
          "'tool_choice' asks for a call and the format for something else; leave one out");
    }
    boolean stream = fields.bool("stream");
    boolean goesOn = fields.bool("continue_final_message");
    boolean generates = fields.bool("add_generation_prompt", !goesOn);
    if (goesOn && generates) {
      throw ApiProblem.invalid(
          "continue_final_message",
          "invalid_value",
          "'continue_final_message' and 'add_generation_prompt' exclude each other; leave one out");
    }
    Integer maxTokens = maxTokens();
    return new ChatRequest(
        fields.model(),
        fields.user(),
        ConversationReader.read(fields, !tools.tools().isEmpty(), generates, goesOn),
        maxTokens,
        fields.sampling(),
        fields.integer("n", 1, 1, 128),
        stream,
        fields.includeUsage(stream),
        logprobs(),
        fields.ending(maxTokens == null ? Integer.MAX_VALUE : maxTokens),
        fields.seed(),
        format,
        tools);
  }

  private static void requireText(@Nullable JsonNode modalities) {
    if (modalities != null && !Json.line(modalities).equals("[\"text\"]")) {
      throw ApiProblem.invalid(
          "modalities",
          "unsupported_parameter",
          "'modalities' is "
              + RequestFields.shown(Json.line(modalities))
              + ", expected [\"text\"]: this service answers in text");
    }
  }

  private @Nullable Integer maxTokens() {
    Integer older = limit("max_tokens");
    Integer newer = limit("max_completion_tokens");
    return newer == null ? older : newer;
  }

  private @Nullable Integer limit(String name) {
    return fields.field(name) == null ? null : fields.integer(name, 0, 1, Integer.MAX_VALUE);
  }

  private @Nullable Integer logprobs() {
    boolean asked = fields.bool("logprobs");
    if (!asked && fields.field("top_logprobs") != null) {
      throw ApiProblem.invalid(
          "top_logprobs", "invalid_value", "'top_logprobs' goes only with 'logprobs': true");
    }
    return asked ? fields.integer("top_logprobs", 0, 0, MOST_LOGPROBS) : null;
  }
}
