package dev.slipway.tensor;

import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A random number generator. Its state is never kept: a resumed run makes one anew from its seed
 * and the step.
 */
public final class Generator {
  private final org.bytedeco.pytorch.Generator handle;

  private Generator(org.bytedeco.pytorch.Generator handle) {
    this.handle = handle;
    handle.retainReference();
  }

  /** A CPU generator (Mersenne Twister, as PyTorch's). */
  public static Generator seeded(long seed) {
    Engine.load();
    return new Generator(torch.createCPUGenerator(seed));
  }

  GeneratorOptional optional() {
    return new GeneratorOptional(handle);
  }
}
