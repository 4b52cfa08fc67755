package dev.slipway.platform.engine;

import dev.slipway.base.Json;
import dev.slipway.infer.Embedder;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** An encoder's folder as the service's engine. */
public final class EncoderEngine implements EmbedEngine {
  private final Embedder embedder;

  private EncoderEngine(Embedder embedder) {
    this.embedder = embedder;
  }

  /** Opens a folder in Hugging Face's or sentence-transformers' layout. */
  public static EncoderEngine open(Path folder) {
    return new EncoderEngine(Embedder.open(folder));
  }

  @Override
  public ObjectNode card() {
    return Json.object()
        .put("dimensions", embedder.width())
        .put("max_model_len", embedder.longest())
        .put("tokenizer_fingerprint", embedder.tokenizer().fingerprint());
  }

  @Override
  public Tokens tokens() {
    return Tokens.of(embedder.tokenizer(), embedder.longest());
  }

  @Override
  public Embedded embed(List<String> texts) {
    Embedder.Vectors vectors = embedder.vectors(texts);
    return new Embedded(vectors.vectors(), vectors.tokens());
  }

  @Override
  public void close() {
    embedder.close();
  }
}
