package dev.slipway.infer.batch;

import dev.slipway.tensor.kernel.infer.LowRank;
import java.util.Map;

/** An adapter that was read; its matrices are there until it is closed. */
public interface AdapterMatrices extends AutoCloseable {
  /** The matrices by the names that their modules have in the checkpoint. */
  Map<String, LowRank.Matrices> matrices();

  /** How many numbers they hold. */
  default long parameters() {
    return matrices().values().stream()
        .mapToLong(each -> each.a().numel() + each.b().numel())
        .sum();
  }

  @Override
  void close();
}
