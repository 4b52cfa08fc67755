package dev.slipway.tensor;

import org.bytedeco.pytorch.global.torch;

/**
 * Carries out matrix products on this thread in another type until it is closed, as {@code
 * torch.autocast} does. Weights that were cast meanwhile are forgotten at the end: libtorch keeps
 * them, and after an optimizer's step they would be stale.
 */
public final class Autocast implements AutoCloseable {
  private final torch.DeviceType device;
  private final boolean enabled;
  private final torch.ScalarType dtype;

  private Autocast(Device device, DType dtype) {
    Engine.load();
    this.device = device.kind() == Device.Kind.CPU ? torch.DeviceType.CPU : torch.DeviceType.CUDA;
    enabled = torch.is_autocast_enabled(this.device);
    this.dtype = torch.get_autocast_dtype(this.device);
    torch.set_autocast_dtype(this.device, dtype.scalarType);
    torch.set_autocast_enabled(this.device, true);
  }

  /** dtype is BFLOAT16, or on a GPU FLOAT16 too. */
  public static Autocast open(Device device, DType dtype) {
    return new Autocast(device, dtype);
  }

  @Override
  public void close() {
    torch.set_autocast_enabled(device, enabled);
    torch.set_autocast_dtype(device, dtype);
    torch.clear_cache();
  }
}
