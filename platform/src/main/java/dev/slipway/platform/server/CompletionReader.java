package dev.slipway.platform.server;

import dev.slipway.platform.server.CompletionRequest.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Reads the body of a completions request. */
final class CompletionReader {
  /** OpenAI's fields that would change the answer and that this service does not have. */
  private static final Set<String> UNSUPPORTED = Set.of("suffix");

  private static final Set<String> KNOWN = RequestFields.generatingAnd("prompt", "best_of", "echo");

  private static final int MOST_LOGPROBS = 5;

  private final RequestFields fields;

  private CompletionReader(RequestFields fields) {
    this.fields = fields;
  }

  /**
   * @throws ApiProblem 400 that names the field, what came and what was expected
   */
  static CompletionRequest read(byte[] bytes) {
    return new CompletionReader(RequestFields.of(bytes)).request();
  }

  private CompletionRequest request() {
    fields.require(KNOWN, UNSUPPORTED);
    int n = fields.integer("n", 1, 1, 128);
    int bestOf = fields.integer("best_of", n, 1, 128);
    if (bestOf != n) {
      throw ApiProblem.invalid(
          "best_of",
          "unsupported_parameter",
          "'best_of' is not supported other than equal to 'n' (" + n + "); leave it out");
    }
    boolean stream = fields.bool("stream");
    int maxTokens = fields.integer("max_tokens", 16, 0, Integer.MAX_VALUE);
    return new CompletionRequest(
        fields.model(),
        fields.user(),
        prompts(),
        maxTokens,
        fields.sampling(),
        n,
        stream,
        fields.includeUsage(stream),
        fields.bool("echo"),
        fields.field("logprobs") == null ? null : fields.integer("logprobs", 0, 0, MOST_LOGPROBS),
        fields.ending(maxTokens),
        fields.seed(),
        FormatReader.read(fields));
  }

  private List<Prompt> prompts() {
    JsonNode prompt = fields.field("prompt");
    if (prompt == null) {
      throw ApiProblem.invalid("prompt", "missing_required_parameter", "you must provide 'prompt'");
    }
    String expected = "a string, an array of strings, an array of token ids, or an array of such";
    if (prompt.isString()) {
      return List.of(new Prompt.Text(RequestFields.string("prompt", prompt)));
    }
    if (!prompt.isArray()) {
      throw RequestFields.wrongType("prompt", prompt, expected);
    }
    if (prompt.isEmpty()) {
      throw ApiProblem.invalid("prompt", "empty_array", "'prompt' is empty, expected " + expected);
    }
    if (prompt.get(0).isNumber()) {
      return List.of(ids("prompt", prompt));
    }
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < prompt.size(); i++) {
      String name = "prompt[" + i + "]";
      JsonNode one = prompt.get(i);
      if (one.isString()) {
        prompts.add(new Prompt.Text(RequestFields.string(name, one)));
      } else if (one.isArray()) {
        prompts.add(ids(name, one));
      } else {
        throw RequestFields.wrongType(name, one, "a string or an array of token ids");
      }
    }
    return prompts;
  }

  private static Prompt.Ids ids(String name, JsonNode array) {
    if (array.isEmpty()) {
      throw ApiProblem.invalid(name, "empty_array", "'" + name + "' holds no token ids");
    }
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = array.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw RequestFields.wrongType(name + "[" + i + "]", id, "a token id");
      }
      ids[i] = id.intValue();
    }
    return new Prompt.Ids(ids);
  }
}
