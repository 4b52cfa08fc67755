package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.engine.Tokens;
import dev.slipway.tokenizer.chat.Conversation;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /tokenize} and {@code POST /detokenize} in vLLM's shapes. */
final class TokenHandlers {
  static final Map<String, String> PATHS = Map.of("/tokenize", "POST", "/detokenize", "POST");

  private static final Set<String> TEXT =
      new TreeSet<>(List.of("model", "prompt", "add_special_tokens", "return_token_strs"));
  private static final Set<String> CHAT =
      new TreeSet<>(
          List.of(
              "model",
              "messages",
              "tools",
              "add_generation_prompt",
              "continue_final_message",
              "add_special_tokens",
              "return_token_strs",
              "chat_template_kwargs"));
  private static final Set<String> BACK = new TreeSet<>(List.of("model", "tokens"));

  private final ServeOptions options;
  private final Models models;

  /** The models that are asked, while there are any to be had. */
  interface Models {
    /** Throws 503 while there are none. */
    void requireReady();

    /**
     * @param model null for the one that is asked by default
     * @throws ApiProblem 404 where there is no such model
     */
    Tokens tokens(@Nullable String model);

    /** Ids of a conversation by the model's template; those that have none refuse it. */
    default int[] encode(@Nullable String model, Conversation conversation) {
      throw ApiProblem.invalid(
          "messages", "unsupported_parameter", "this model has no chat template; give 'prompt'");
    }
  }

  TokenHandlers(ServeOptions options, Models models) {
    this.options = options;
    this.models = models;
  }

  void route(HttpRouting.Builder routing) {
    routing.post("/tokenize", this::tokenize).post("/detokenize", this::detokenize);
  }

  private void tokenize(ServerRequest http, ServerResponse response) {
    models.requireReady();
    RequestFields fields = RequestFields.of(RequestBody.json(http, options.maxBodyBytes()));
    boolean chat = fields.field("messages") != null;
    fields.require(chat ? CHAT : TEXT, List.of());
    Tokens known = models.tokens(fields.model());
    int[] ids;
    if (chat) {
      ids = conversation(fields);
      if (fields.bool("add_special_tokens", false)) {
        int[] around = known.encode("", true);
        int[] both = new int[around.length + ids.length];
        System.arraycopy(around, 0, both, 0, around.length);
        System.arraycopy(ids, 0, both, around.length, ids.length);
        ids = both;
      }
    } else {
      JsonNode prompt = fields.field("prompt");
      if (prompt == null) {
        throw ApiProblem.invalid(
            "prompt", "missing_required_parameter", "you must provide 'prompt' or 'messages'");
      }
      ids =
          known.encode(
              RequestFields.string("prompt", prompt), fields.bool("add_special_tokens", true));
    }
    ObjectNode body =
        Json.object().put("count", ids.length).put("max_model_len", known.contextLength());
    ArrayNode told = body.putArray("tokens");
    for (int id : ids) {
      told.add(id);
    }
    if (fields.bool("return_token_strs")) {
      ArrayNode words = body.putArray("token_strs");
      for (int id : ids) {
        words.add(known.token(id));
      }
    } else {
      body.putNull("token_strs");
    }
    ResponseBody.json(http, response, body);
  }

  private int[] conversation(RequestFields fields) {
    boolean goesOn = fields.bool("continue_final_message", false);
    boolean generates = fields.bool("add_generation_prompt", !goesOn);
    try {
      return models.encode(
          fields.model(), ConversationReader.read(fields, true, generates, goesOn));
    } catch (SlipwayException e) {
      throw ApiProblem.conversation(e);
    }
  }

  private void detokenize(ServerRequest http, ServerResponse response) {
    models.requireReady();
    RequestFields fields = RequestFields.of(RequestBody.json(http, options.maxBodyBytes()));
    fields.require(BACK, List.of());
    Tokens known = models.tokens(fields.model());
    JsonNode given = fields.field("tokens");
    if (given == null) {
      throw ApiProblem.invalid("tokens", "missing_required_parameter", "you must provide 'tokens'");
    }
    if (!given.isArray()) {
      throw RequestFields.wrongType("tokens", given, "an array of token ids");
    }
    int[] ids = new int[given.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = given.get(i);
      if (!id.isIntegralNumber()
          || !id.canConvertToInt()
          || id.intValue() < 0
          || id.intValue() >= known.vocabularySize()) {
        throw RequestFields.wrongType(
            "tokens[" + i + "]", id, "a token id below " + known.vocabularySize());
      }
      ids[i] = id.intValue();
    }
    ResponseBody.json(http, response, Json.object().put("prompt", known.decode(ids)));
  }
}
