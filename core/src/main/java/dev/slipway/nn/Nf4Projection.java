package dev.slipway.nn;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.RemadeWeight;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.optim.DynamicBytes;
import dev.slipway.tensor.kernel.train.Nf4;
import org.jspecify.annotations.Nullable;

/**
 * {@code x W^T + b} of a frozen matrix that is kept in 4 bits a value (NF4, Dettmers et al. 2023,
 * "QLoRA", §3) and made whole only while it is used, forward and backward. Its blocks' scales are
 * kept in 8 bits (double quantization, the paper's §3), which makes 4.127 bits a value in all.
 */
public final class Nf4Projection implements Projection, AutoCloseable {
  private final long out;
  private final long in;
  private final Tensor codes;
  private final Tensor scaleCodes;
  private final Tensor scales;
  private final float offset;
  private final @Nullable Tensor bias;
  private final WeightRoom room;

  private Nf4Projection(
      long out,
      long in,
      Tensor codes,
      Tensor scaleCodes,
      Tensor scales,
      float offset,
      @Nullable Tensor bias,
      WeightRoom room) {
    this.out = out;
    this.in = in;
    this.codes = codes;
    this.scaleCodes = scaleCodes;
    this.scales = scales;
    this.offset = offset;
    this.bias = bias;
    this.room = room;
  }

  /**
   * Quantizes a matrix.
   *
   * @param weight (out, in), which may be freed afterwards
   * @param bias (out) in the room's type, which stays the caller's; or null
   * @param room that its network's quantized weights share
   */
  public static Nf4Projection quantize(Tensor weight, @Nullable Tensor bias, WeightRoom room) {
    long count = weight.numel();
    long blocks = Nf4.blocks(count);
    room.reserve(count, blocks);
    try (Scope scope = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor values = weight.dtype() == DType.FLOAT16 ? weight.to(DType.FLOAT32) : weight;
      Tensor codes = scope.keep(Tensor.empty(DType.UINT8, Nf4.bytes(count)));
      Tensor absmax = Tensor.empty(DType.FLOAT32, blocks);
      Nf4.quantize(Buffer.of(values.contiguous()), codes.segment(), Buffer.of(absmax), count);
      Tensor mean = absmax.mean();
      Tensor centred = absmax.sub(mean);
      Tensor scaleCodes = scope.keep(Tensor.empty(DType.UINT8, blocks));
      Tensor scales = scope.keep(Tensor.empty(DType.FLOAT32, DynamicBytes.blocks(blocks)));
      DynamicBytes.quantize(Buffer.of(centred), scaleCodes.segment(), Buffer.of(scales), blocks);
      return new Nf4Projection(
          weight.size(0),
          weight.size(1),
          codes,
          scaleCodes,
          scales,
          (float) mean.item(),
          bias,
          room);
    }
  }

  @Override
  public Tensor apply(Tensor x) {
    return RemadeWeight.linear(x, room.matrix(out, in), this::make, bias); // (…, out)
  }

  /** Writes the whole matrix to the room. */
  public void make() {
    write(room.values());
  }

  /** Where {@link #make} writes (out, in), which others write to, too. */
  public Buffer made() {
    return room.values().slice(0, out * in);
  }

  private void write(Buffer values) {
    Buffer absmax = room.scales();
    DynamicBytes.dequantize(
        scaleCodes.segment(), Buffer.of(scales), offset, absmax, scaleCodes.numel());
    Nf4.dequantize(codes.segment(), absmax, values, out * in);
  }

  /** The matrix that it stands for, (out, in) in float32. */
  public Tensor weight() {
    Tensor weight = Tensor.empty(DType.FLOAT32, out, in);
    write(Buffer.of(weight));
    return weight;
  }

  /** (out), or null. */
  public @Nullable Tensor bias() {
    return bias;
  }

  /** Two codes a byte, the first one in the upper half: ⌈out · in / 2⌉ of UINT8. */
  public Tensor codes() {
    return codes;
  }

  /** Each block's scale in 8 bits. */
  public Tensor scaleCodes() {
    return scaleCodes;
  }

  /** Largest magnitude of 256 scales each, less {@link #offset}. */
  public Tensor scales() {
    return scales;
  }

  /** Mean of the blocks' scales. */
  public float offset() {
    return offset;
  }

  /** Bytes that a matrix of so many values is kept in. */
  public static long bytes(long count) {
    long blocks = Nf4.blocks(count);
    return Nf4.bytes(count) + blocks + DType.FLOAT32.bytes() * DynamicBytes.blocks(blocks);
  }

  @Override
  public void close() {
    codes.close();
    scaleCodes.close();
    scales.close();
  }
}
