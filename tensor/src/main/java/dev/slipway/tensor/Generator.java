package dev.slipway.tensor;

import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A random number generator whose state can be saved and put back, so that a resumed run draws the
 * same numbers.
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

  /** The state as bytes, for a checkpoint. */
  public byte[] state() {
    Tensor state = new Tensor(handle.get_state());
    byte[] bytes = new byte[(int) state.numel()];
    java.lang.foreign.MemorySegment.copy(
        state.segment(), java.lang.foreign.ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
    return bytes;
  }

  public void setState(byte[] bytes) {
    Tensor state = Tensor.empty(DType.UINT8, bytes.length);
    java.lang.foreign.MemorySegment.copy(
        bytes, 0, state.segment(), java.lang.foreign.ValueLayout.JAVA_BYTE, 0, bytes.length);
    handle.set_state(state.handle);
  }
}
