package dev.slipway.platform.engine;

import dev.slipway.base.Json;
import dev.slipway.infer.CrossEncoder;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** A cross-encoder's folder as the service's engine. */
public final class CrossEncoderEngine implements RerankEngine {
  private final CrossEncoder encoder;

  private CrossEncoderEngine(CrossEncoder encoder) {
    this.encoder = encoder;
  }

  /** Opens a folder in Hugging Face's or sentence-transformers' layout. */
  public static CrossEncoderEngine open(Path folder) {
    return new CrossEncoderEngine(CrossEncoder.open(folder));
  }

  @Override
  public ObjectNode card() {
    return Json.object()
        .put("max_model_len", encoder.longest())
        .put("tokenizer_fingerprint", encoder.tokenizer().fingerprint());
  }

  @Override
  public Tokens tokens() {
    return Tokens.of(encoder.tokenizer(), encoder.longest());
  }

  @Override
  public Scored scores(List<String> first, List<String> second) {
    CrossEncoder.Scores scores = encoder.scores(first, second);
    return new Scored(scores.scores(), scores.tokens());
  }

  @Override
  public void close() {
    encoder.close();
  }
}
