package dev.slipway.platform.engine;

import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.ModelVersion;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.chat.TextFingerprint;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What the files of a model say beside its weights: its tokenizer, and what tells one version from
 * another. Read on a thread of its own, since it takes about as long as the weights of a small
 * model and the service waits for both.
 */
public final class ModelText {
  private final CompletableFuture<Tokenizer> tokenizer = new CompletableFuture<>();
  private final CompletableFuture<Told> told = new CompletableFuture<>();

  /**
   * @param version of the files
   * @param tokenizerFingerprint SHA-256 of the canonical tokenizer
   * @param textFingerprint of the tokenizer with its template and its special tokens
   */
  record Told(
      String version, Instant modified, String tokenizerFingerprint, String textFingerprint) {}

  private ModelText() {}

  /**
   * Begins to read.
   *
   * @param folder of the whole model, or a GGUF file
   * @param text whose chat template and fingerprint are the model's
   */
  public static ModelText begin(Path folder, Path text) {
    ModelText result = new ModelText();
    Thread.ofPlatform().daemon().name("slipway-text").start(() -> result.read(folder, text));
    return result;
  }

  private void read(Path folder, Path text) {
    try {
      tokenizer.complete(ModelFolder.tokenizer(folder));
    } catch (RuntimeException | Error e) {
      tokenizer.completeExceptionally(e);
      told.completeExceptionally(e);
      return;
    }
    try {
      told.complete(tell(tokenizer.join(), folder, text));
    } catch (RuntimeException | Error e) {
      told.completeExceptionally(e);
    }
  }

  private static Told tell(Tokenizer tokenizer, Path folder, Path text) {
    boolean own = text.equals(folder);
    TextFingerprint ofModel = ModelFolder.at(folder).textFingerprint(tokenizer);
    ModelFolder.at(folder).checkFingerprint(ofModel);
    return new Told(
        ModelVersion.of(own ? List.of(folder) : List.of(folder, text)),
        ModelFolder.at(folder).modified(),
        tokenizer.fingerprint(),
        (own ? ofModel : ModelFolder.at(text).textFingerprint()).value());
  }

  /** Waits for it; throws why it can't be read. */
  public Tokenizer tokenizer() {
    return get(tokenizer);
  }

  /** As {@link #tokenizer}. */
  Told told() {
    return get(told);
  }

  private static <T> T get(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException reason -> throw reason;
        case Error error -> throw error;
        case null, default -> throw e;
      }
    }
  }
}
