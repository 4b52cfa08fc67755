package dev.slipway.tensor;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;

/** Memory that libtorch and Java both see, without a copy. Neither keeps it for the other. */
final class SharedMemory {
  private SharedMemory() {}

  /** What Java has, as libtorch's tensor; at least as many bytes as the shape needs. */
  static org.bytedeco.pytorch.Tensor at(MemorySegment memory, DType dtype, long[] shape) {
    long needed = Math.multiplyExact(numel(shape), dtype.bytes());
    if (!memory.isNative() || memory.byteSize() < needed) {
      throw new IllegalArgumentException(
          "a tensor "
              + dtype
              + Arrays.toString(shape)
              + " needs "
              + needed
              + " bytes of native memory, came "
              + memory);
    }
    Pointer address = new BytePointer(new AddressedPointer(memory.address()));
    return torch.from_blob(address, shape, Tensor.options(dtype, Device.CPU));
  }

  /** What libtorch has, as Java's; the tensor must be contiguous. */
  @SuppressWarnings("restricted") // libtorch gives an address, the length is known from the shape
  static MemorySegment of(org.bytedeco.pytorch.Tensor tensor) {
    return MemorySegment.ofAddress(tensor.data_ptr().address())
        .reinterpret(Math.max(1, tensor.nbytes()));
  }

  private static long numel(long[] shape) {
    long product = 1;
    for (long size : shape) {
      product = Math.multiplyExact(product, size);
    }
    return product;
  }

  private static final class AddressedPointer extends Pointer {
    AddressedPointer(long address) {
      super((Pointer) null);
      this.address = address;
    }
  }
}
