package dev.slipway.platform.server;

import dev.slipway.base.Hashing;
import dev.slipway.platform.engine.TextProcessor;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The models, adapters and splits of a service by their names; for any thread. */
final class ServedModels {
  /** Which of a split's models answers; what answered. */
  static final HeaderName VARIANT = HeaderNames.create("X-Slipway-Variant");

  /** The version of what answered. */
  private static final HeaderName VERSION = HeaderNames.create("X-Slipway-Version");

  private final SequencedMap<String, ServedModel> models = new LinkedHashMap<>();
  private final SequencedMap<String, TextModels.Split> splits = new LinkedHashMap<>();
  private final String byDefault;

  ServedModels(TextModels given, ServeOptions options, ServerMetrics metrics) {
    given.models().forEach(m -> models.put(m.name(), new ServedModel(m, options, metrics)));
    given.adapters().forEach(adapter -> model(adapter.model()).expect(adapter));
    given.splits().forEach(split -> splits.put(split.name(), split));
    byDefault = given.byDefault();
  }

  /** Opens all of them. */
  CompletableFuture<?> start() {
    return CompletableFuture.allOf(
        models.values().stream().map(ServedModel::start).toArray(CompletableFuture[]::new));
  }

  /** What answers requests that name none. */
  String byDefault() {
    return byDefault;
  }

  /** The models, in their order. */
  List<ServedModel> all() {
    return List.copyOf(models.values());
  }

  SequencedMap<String, TextModels.Split> splits() {
    return splits;
  }

  /**
   * A model by its own name, no adapter's.
   *
   * @throws ApiProblem 404
   */
  ServedModel model(String name) {
    ServedModel model = models.get(name);
    if (model == null) {
      throw ApiProblem.unknownModel(name, List.copyOf(models.keySet()));
    }
    return model;
  }

  /** The model that has an adapter; null where none has. */
  @Nullable ServedModel modelOf(String adapter) {
    return models.values().stream()
        .filter(model -> model.adapters().contains(adapter))
        .findFirst()
        .orElse(null);
  }

  /** All names that requests may ask by. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    for (ServedModel model : models.values()) {
      names.add(model.name());
      names.addAll(model.adapters());
    }
    names.addAll(splits.keySet());
    return names;
  }

  /**
   * What answers a request, and tells the client which it is.
   *
   * @param asked the model as the request names it; null for the one by default
   * @param conversation what stays the same for all requests that one model is to answer
   * @throws ApiProblem 404 where there is no such name, 400 where a split has no such variant
   */
  ServedModel.Lease lease(
      ServerRequest http,
      ServerResponse response,
      @Nullable String asked,
      Supplier<String> conversation) {
    String name = asked == null ? byDefault : asked;
    TextModels.Split split = splits.get(name);
    ServedModel.Lease lease =
        lease(split == null ? name : variant(split, variantAsked(http), conversation), name);
    response.headers().set(VARIANT, header(lease.name()));
    response.headers().set(VERSION, lease.processor().facts().version());
    Exchange.of(http).model(lease.name());
    return lease;
  }

  /** What a model or adapter makes of texts, or the first variant of a split. */
  TextProcessor processor(@Nullable String asked) {
    String name = asked == null ? byDefault : asked;
    TextModels.Split split = splits.get(name);
    try (ServedModel.Lease lease =
        lease(split == null ? name : split.shares().firstEntry().getKey(), name)) {
      return lease.processor();
    }
  }

  private ServedModel.Lease lease(String name, String asked) {
    for (ServedModel model : models.values()) {
      ServedModel.Lease lease = model.lease(name);
      if (lease != null) {
        return lease;
      }
    }
    throw ApiProblem.unknownModel(asked, names());
  }

  private static @Nullable String variantAsked(ServerRequest http) {
    return http.headers().first(VARIANT).orElse(null);
  }

  private static String variant(
      TextModels.Split split, @Nullable String asked, Supplier<String> conversation) {
    if (asked == null) {
      return choose(split, conversation.get());
    }
    if (!split.shares().containsKey(asked)) {
      throw ApiProblem.invalid(
          VARIANT.defaultCase(),
          "invalid_value",
          "the header '"
              + VARIANT.defaultCase()
              + "' is '"
              + RequestFields.shown(asked)
              + "', expected one of "
              + String.join(", ", split.shares().keySet()));
    }
    return asked;
  }

  /**
   * The same variant for the same conversation, as often as its share among many.
   *
   * @param conversation hashed with the split's name, so that two splits choose independently
   */
  static String choose(TextModels.Split split, String conversation) {
    String hash = Hashing.sha256(split.name() + "\n" + conversation);
    double total = split.shares().values().stream().mapToDouble(Double::doubleValue).sum();
    double at = Long.parseUnsignedLong(hash.substring(0, 13), 16) * 0x1p-52 * total; // in [0, 1)
    for (Map.Entry<String, Double> share : split.shares().entrySet()) {
      at -= share.getValue();
      if (at < 0) {
        return share.getKey();
      }
    }
    return split.shares().lastEntry().getKey();
  }

  /** A name in a header: what is no visible ASCII becomes a question mark. */
  private static String header(String name) {
    return name.replaceAll("[^\\x21-\\x7E]", "?");
  }

  void stop(Duration patience) {
    List<Thread> stops =
        models.values().stream()
            .map(model -> Thread.ofVirtual().start(() -> model.stop(patience)))
            .toList();
    for (Thread stop : stops) {
      try {
        stop.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
