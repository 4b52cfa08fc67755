package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.model.decoder.ConfigJson;
import dev.slipway.model.llama.LlamaConfig;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.weights.SafeTensors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * Serves a tiny model to itself, which is what the launcher's build has the JVM watch: a cache of
 * the classes that it needed, loaded and linked, and of which methods ran often lets every command
 * that computes start sooner. The argument is an empty folder for the model.
 */
final class Rehearsal {
  private static final String MODEL = "rehearsal";
  private static final int REQUESTS = 3;

  private Rehearsal() {}

  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    int status = 0;
    try {
      rehearse(arguments);
    } catch (IOException | InterruptedException | RuntimeException e) {
      System.err.println("the rehearsal failed: " + e); // the launcher keeps it in its log
      status = 1;
    }
    // Without the end of the service: the server's own threads are not ours to join.
    Runtime.getRuntime().halt(status);
  }

  private static void rehearse(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[0]).resolve(MODEL);
    write(folder);
    PipedInputStream told = new PipedInputStream();
    System.setOut(new PrintStream(new PipedOutputStream(told), true, StandardCharsets.UTF_8));
    Thread.ofPlatform()
        .daemon()
        .start(
            () ->
                Slipway.run(
                    "serve", folder.toString(), "--port", "0", "--dtype", "bfloat16", "--json"));
    String line =
        new BufferedReader(new InputStreamReader(told, StandardCharsets.UTF_8)).readLine();
    URI server = URI.create(Json.parse(line, "the server's output").path("address").asString());
    HttpClient http = HttpClient.newHttpClient();
    for (int i = 0; i < REQUESTS; i++) {
      for (boolean stream : new boolean[] {false, true}) {
        ask(http, server.resolve("/v1/completions"), prompt(), stream);
        ask(http, server.resolve("/v1/chat/completions"), chat(), stream);
      }
    }
  }

  private static ObjectNode prompt() {
    return Json.object().put("prompt", "public static int max(int a, int b) {");
  }

  private static ObjectNode chat() {
    ObjectNode body = Json.object();
    body.putArray("messages").addObject().put("role", "user").put("content", "What is a slipway?");
    return body;
  }

  private static void ask(HttpClient http, URI address, ObjectNode body, boolean stream)
      throws IOException, InterruptedException {
    body.put("model", MODEL).put("max_tokens", 16).put("stream", stream);
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.line(body)))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(address + " gave " + response.statusCode() + ": " + response.body());
    }
  }

  /** A model in Llama's form that has learnt nothing. */
  private static void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Tokenizer tokenizer =
        BpeTrainer.train(
            List.of("a ramp for ships, and the ships of a ramp").iterator(), BpeConfig.ofSize(300));
    text(folder, "tokenizer.json", tokenizer.json());
    ObjectNode settings = Json.object();
    settings.put("tokenizer_class", "PreTrainedTokenizerFast");
    settings.put("eos_token", BpeConfig.END_OF_TEXT);
    settings.put(
        "chat_template",
        "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\\n' }}{% endfor %}");
    text(folder, "tokenizer_config.json", Json.write(settings));
    ObjectNode config = Json.object();
    config.put("model_type", "llama");
    config.putArray("architectures").add("LlamaForCausalLM");
    config.put("vocab_size", tokenizer.vocabularySize());
    config.put("hidden_size", 64);
    config.put("intermediate_size", 128);
    config.put("num_hidden_layers", 2);
    config.put("num_attention_heads", 2);
    config.put("num_key_value_heads", 2);
    config.put("max_position_embeddings", 256);
    config.put("eos_token_id", 0);
    config.put("dtype", "bfloat16");
    LlamaConfig llama = LlamaConfig.read(new ConfigJson(config, "config.json"));
    try (Scope _ = Scope.open();
        ParameterSet parameters = ParameterSet.frozen(llama.parameters())) {
      parameters.initialise(1);
      Map<String, Tensor> tensors = new TreeMap<>();
      for (ParameterSpec spec : parameters.specs()) {
        tensors.put(spec.name(), parameters.value(spec.name()));
      }
      SafeTensors.write(folder.resolve("model.safetensors"), tensors, DType.BFLOAT16);
    }
    text(folder, "config.json", Json.write(config));
  }

  private static void text(Path folder, String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
  }
}
