package dev.slipway.platform.server;

import dev.slipway.base.SlipwayException;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/load_lora_adapter} and {@code POST /v1/unload_lora_adapter} by vLLM's names, for
 * keys that may change the service.
 */
final class AdapterHandlers {
  private static final System.Logger LOG = System.getLogger(AdapterHandlers.class.getName());

  static final Map<String, String> PATHS =
      Map.of("/v1/load_lora_adapter", "POST", "/v1/unload_lora_adapter", "POST");

  private static final Set<String> LOAD =
      Set.of("lora_name", "lora_path", "load_inplace", "base_model_name");
  private static final Set<String> UNLOAD = Set.of("lora_name");
  private static final int LONGEST_NAME = 256;

  private final ServeOptions options;
  private final Supplier<ServedModels> models;
  private final @Nullable Path root;

  /**
   * @param models throws an {@link ApiProblem} while there are none to be had
   * @param root below which adapters may be loaded; null loads none
   */
  AdapterHandlers(ServeOptions options, Supplier<ServedModels> models, @Nullable Path root) {
    this.options = options;
    this.models = models;
    this.root = root;
  }

  void route(HttpRouting.Builder routing) {
    routing.post("/v1/load_lora_adapter", this::load).post("/v1/unload_lora_adapter", this::unload);
  }

  private void load(ServerRequest http, ServerResponse response) {
    ServedModels known = models.get();
    RequestFields fields = RequestFields.of(RequestBody.json(http, options.maxBodyBytes()));
    fields.require(LOAD, List.of());
    String name = required(fields, "lora_name");
    if (name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw ApiProblem.invalid(
          "lora_name", "invalid_value", "'lora_name' is no name of at most 256 characters");
    }
    Path folder = folder(required(fields, "lora_path"));
    JsonNode base = fields.field("base_model_name");
    ServedModel model =
        base == null
            ? known.all().getFirst()
            : known.model(RequestFields.string("base_model_name", base));
    boolean again = fields.bool("load_inplace", false);
    if (known.names().contains(name) && !(again && model.adapters().contains(name))) {
      throw ApiProblem.invalid(
          "lora_name",
          "already_loaded",
          "'"
              + name
              + "' is served already; unload it, or say 'load_inplace': true of an adapter of the"
              + " same model");
    }
    Exchange.of(http).model(name);
    try {
      model.addAdapter(name, folder);
    } catch (SlipwayException e) {
      throw ApiProblem.invalid("lora_path", e.code(), String.valueOf(e.getMessage()));
    }
    send(response, "Success: LoRA adapter '" + name + "' added successfully.");
  }

  private void unload(ServerRequest http, ServerResponse response) {
    ServedModels known = models.get();
    RequestFields fields = RequestFields.of(RequestBody.json(http, options.maxBodyBytes()));
    fields.require(UNLOAD, List.of());
    String name = required(fields, "lora_name");
    for (TextModels.Split split : known.splits().values()) {
      if (split.shares().containsKey(name)) {
        throw ApiProblem.invalid(
            "lora_name",
            "in_use",
            "'" + name + "' has a share of '" + split.name() + "'; it stays as long as that");
      }
    }
    ServedModel model = known.modelOf(name);
    if (model == null || !model.removeAdapter(name)) {
      throw ApiProblem.refused(
          404,
          "lora_name",
          "model_not_found",
          "there is no adapter '" + RequestFields.shown(name) + "'");
    }
    Exchange.of(http).model(name);
    send(response, "Success: LoRA adapter '" + name + "' removed successfully.");
  }

  private static String required(RequestFields fields, String name) {
    JsonNode given = fields.field(name);
    String text = given == null ? "" : RequestFields.string(name, given);
    if (text.isBlank()) {
      throw ApiProblem.invalid(
          name, "missing_required_parameter", "you must provide '" + name + "'");
    }
    return text;
  }

  /** No request reads what lies elsewhere, whatever links lead there. */
  private Path folder(String given) {
    if (root == null) {
      throw ApiProblem.refused(
          403,
          "lora_path",
          "adapter_loading_disabled",
          "this service loads no adapters while it runs; start it with --adapter-root DIR");
    }
    Path folder = null;
    try {
      Path top = root.toRealPath();
      Path real = top.resolve(given).toRealPath();
      folder = real.startsWith(top) && !real.equals(top) ? real : null;
    } catch (IOException | InvalidPathException e) {
      // Told as what lies elsewhere is: nobody learns what there is.
      LOG.log(System.Logger.Level.DEBUG, "an adapter's folder can't be found", e);
    }
    if (folder == null) {
      throw ApiProblem.invalid(
          "lora_path",
          "invalid_value",
          "'"
              + RequestFields.shown(given)
              + "' is no folder below the service's --adapter-root, expected one there");
    }
    return folder;
  }

  private static void send(ServerResponse response, String sentence) {
    response.headers().set(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    response.send(sentence);
  }
}
