package dev.slipway.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors at native addresses, and the functions of them that loops are made of. All memory is one
 * segment, so that the compiler folds its bounds and its lifetime away; {@link Buffer} checks both
 * where kernels are entered.
 */
public final class Lanes {
  /** The widest vectors of float32 that the processor has. */
  public static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

  /** As many whole numbers of 32 bits. */
  public static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, FLOATS.vectorShape());

  /** As many values of 16 bits. */
  static final VectorSpecies<Short> HALVES =
      VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

  /** As many bytes as a vector has values. */
  public static final VectorSpecies<Byte> BYTES = bytes();

  /** Values in a vector. */
  public static final int WIDTH = FLOATS.length();

  /** The processor's own. */
  public static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** All memory: only for addresses whose bounds a {@link Buffer} has checked. */
  @SuppressWarnings("restricted") // addresses come from buffers that checked their bounds
  public static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Lanes() {}

  private static VectorSpecies<Byte> bytes() {
    // The smallest shape has 64 bits: of narrower vectors the rest stays unused.
    int bits = Math.max(64, FLOATS.vectorBitSize() / 4);
    return VectorSpecies.of(byte.class, VectorShape.forBitSize(bits));
  }

  /** {@code count} rounded up to whole vectors. */
  public static int padded(int count) {
    return (count + WIDTH - 1) / WIDTH * WIDTH;
  }

  /** A vector of float32. */
  public static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(FLOATS, MEMORY, address, ORDER);
  }

  /** Puts a vector of float32 in its place. */
  public static void store(FloatVector values, long address) {
    values.intoMemorySegment(MEMORY, address, ORDER);
  }

  /** A vector of bfloat16, widened. */
  static FloatVector loadHalf(long address) {
    ShortVector halves = ShortVector.fromMemorySegment(HALVES, MEMORY, address, ORDER);
    IntVector bits = (IntVector) halves.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
    return bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  /** A vector of whole numbers. */
  public static IntVector ints(long address) {
    return IntVector.fromMemorySegment(INTS, MEMORY, address, ORDER);
  }

  /** The first ones of pairs of bfloat16 that share 32 bits. */
  public static FloatVector low(IntVector pairs) {
    return pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  /** The second ones. */
  public static FloatVector high(IntVector pairs) {
    return pairs.and(0xFFFF0000).reinterpretAsFloats();
  }

  /** {@code sum + Σ w x} of four unsigned bytes in each lane by four signed ones at an address. */
  public static IntVector dot(IntVector weights, long x, IntVector sum) {
    IntVector result = sum;
    for (int i = 0; i < 4; i++) {
      IntVector weight = weights.lanewise(VectorOperators.LSHR, 8 * i).and(0xFF);
      result = result.add(weight.mul((int) MEMORY.get(ValueLayout.JAVA_BYTE, x + i)));
    }
    return result;
  }

  /** Rounds to the nearest bfloat16, ties to even. */
  public static void storeHalf(FloatVector values, long address) {
    IntVector bits = values.reinterpretAsInts();
    IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
    IntVector rounded = bits.add(0x7FFF).add(odd).lanewise(VectorOperators.LSHR, 16);
    ((ShortVector) rounded.convertShape(VectorOperators.I2S, HALVES, 0))
        .intoMemorySegment(MEMORY, address, ORDER);
  }

  /** Zeros. */
  public static FloatVector zero() {
    return FloatVector.zero(FLOATS);
  }

  /**
   * e^x to 2 units in the last place, for x clamped to ±87.3: Cephes' polynomial after Cody and
   * Waite's reduction. Not {@code VectorOperators.EXP}, which gives other bits before it is
   * compiled.
   */
  public static FloatVector exp(FloatVector x) {
    FloatVector low = x.blend(-87.3f, x.compare(VectorOperators.LT, -87.3f));
    FloatVector in = low.blend(87.3f, low.compare(VectorOperators.GT, 87.3f));
    FloatVector shifted = in.mul(1.44269504088896341f).add(12582912f);
    FloatVector n = shifted.sub(12582912f);
    FloatVector f = n.fma(broadcast(-0.693359375f), in);
    f = n.fma(broadcast(2.12194440e-4f), f);
    FloatVector p = f.fma(broadcast(1.9875691500e-4f), broadcast(1.3981999507e-3f));
    p = p.fma(f, broadcast(8.3334519073e-3f));
    p = p.fma(f, broadcast(4.1665795894e-2f));
    p = p.fma(f, broadcast(1.6666665459e-1f));
    p = p.fma(f, broadcast(5.0000001201e-1f));
    p = p.fma(f.mul(f), f).add(1f);
    IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
  }

  /** {@code 1 / (1 + e^-x)}, by {@link #exp}. */
  public static FloatVector sigmoid(FloatVector x) {
    return broadcast(1f).div(exp(x.neg()).add(1f));
  }

  /** {@code 2 sigmoid(2x) - 1}. */
  public static FloatVector tanh(FloatVector x) {
    return sigmoid(x.add(x)).mul(2f).sub(1f);
  }

  /** Stores a gradient, and adds it to a total as well. */
  public static void storeAndAdd(FloatVector gradient, long to, long total) {
    store(gradient, to);
    store(load(total).add(gradient), total);
  }

  /** One value in every lane. */
  public static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  /**
   * Sum of a vector's lanes in the order of halves. Not {@code reduceLanes}, whose order is open.
   *
   * @param scratch address of one vector's room
   */
  public static float sum(FloatVector values, long scratch) {
    store(values, scratch);
    for (int half = WIDTH / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        set(scratch, i, get(scratch, i) + get(scratch, i + half));
      }
    }
    return get(scratch, 0);
  }

  /** The float32 at a place counted from an address, which may be any. */
  public static float get(long address, long index) {
    return MEMORY.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address + 4 * index);
  }

  /** As {@link #get}, written. */
  public static void set(long address, long index, float value) {
    MEMORY.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address + 4 * index, value);
  }

  /** As {@link #get}, of bfloat16. */
  public static float getHalf(long address, long index) {
    return Float.intBitsToFloat(
        MEMORY.get(ValueLayout.JAVA_SHORT_UNALIGNED, address + 2 * index) << 16);
  }

  /** 16 bits from an address to another. */
  public static void moveHalf(long from, long to) {
    MEMORY.set(
        ValueLayout.JAVA_SHORT_UNALIGNED, to, MEMORY.get(ValueLayout.JAVA_SHORT_UNALIGNED, from));
  }

  /** As {@link #set}, to bfloat16: to the nearest, ties to even. */
  public static void setHalf(long address, long index, float value) {
    int bits = Float.floatToRawIntBits(value);
    MEMORY.set(
        ValueLayout.JAVA_SHORT_UNALIGNED,
        address + 2 * index,
        (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16));
  }
}
