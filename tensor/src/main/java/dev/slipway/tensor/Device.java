package dev.slipway.tensor;

import org.bytedeco.pytorch.global.torch;

/** Where a tensor lives. */
public record Device(Kind kind, int index) {
  public enum Kind {
    CPU,
    CUDA
  }

  public static final Device CPU = new Device(Kind.CPU, 0);

  public Device {
    if (index < 0) {
      throw new IllegalArgumentException("device index is " + index + ", expected 0 or more");
    }
  }

  /** Whether this build of libtorch has CUDA and a device answers. */
  public static boolean cudaIsAvailable() {
    Engine.load();
    return torch.cuda_is_available();
  }

  org.bytedeco.pytorch.Device handle() {
    return kind == Kind.CPU
        ? new org.bytedeco.pytorch.Device("cpu")
        : new org.bytedeco.pytorch.Device("cuda:" + index);
  }

  @Override
  public String toString() {
    return kind == Kind.CPU ? "cpu" : "cuda:" + index;
  }
}
