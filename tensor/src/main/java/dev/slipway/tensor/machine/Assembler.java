package dev.slipway.tensor.machine;

import java.io.ByteArrayOutputStream;

/**
 * Writes the few x86-64 instructions that kernels are made of (Intel 64 and IA-32 Architectures
 * Software Developer's Manual, volume 2, §2.7 "Intel AVX-512 Encoding"). Vector registers are zmm
 * by their numbers; displacements always take 32 bits, which leaves compressed ones out.
 */
public final class Assembler {
  /** General registers by their numbers; this one has the first argument of a function. */
  public static final int RDI = 7;

  /** The second argument. */
  public static final int RSI = 6;

  /** The third. */
  public static final int RDX = 2;

  /** The fourth. */
  public static final int RCX = 1;

  /** The fifth. */
  public static final int R8 = 8;

  /** The sixth. */
  public static final int R9 = 9;

  /** A register that a function may change freely, as it may those of its arguments. */
  public static final int R10 = 10;

  /** As {@link #R10}. */
  public static final int R11 = 11;

  /** As {@link #R10}. */
  public static final int RAX = 0;

  private static final int NO_INDEX = 4;

  /** {@code [base + index * scale + offset]}; scale is 1, 2, 4 or 8. */
  public record Address(int base, int index, int scale, int offset) {
    /** {@code [base + offset]}. */
    public static Address of(int base, int offset) {
      return new Address(base, NO_INDEX, 1, offset);
    }

    Address plus(int more) {
      return new Address(base, index, scale, offset + more);
    }
  }

  /** An instruction of AVX-512 on whole vectors: its map, mandatory prefix and opcode. */
  public enum Op {
    LOAD(1, 0, 0x10),
    STORE(1, 0, 0x11),
    BROADCAST(2, 1, 0x18),
    /** From {@code eax}, as which register 0 stands here, to every lane. */
    BROADCAST_EAX(2, 1, 0x7C),
    XOR(1, 1, 0xEF),
    AND(1, 1, 0xDB),
    /** {@code a += b * c} of float32, rounded once. */
    FMA(2, 1, 0xB8),
    MULTIPLY(1, 0, 0x59),
    ADD(1, 0, 0x58),
    SUBTRACT(1, 0, 0x5C),
    DIVIDE(1, 0, 0x5E),
    /** {@code a = b > c ? b : c}. */
    LARGER(1, 0, 0x5F),
    /** {@code a = b < c ? b : c}. */
    SMALLER(1, 0, 0x5D),
    /** {@code a = a * b + c} of float32, rounded once. */
    MULTIPLY_ADD(2, 1, 0xA8),
    ADD_INTS(1, 1, 0xFE),
    /** The lower 16 bits of each lane, to half a vector of memory. */
    STORE_HALVES(2, 2, 0x33),
    /** The lower 8 bits of each lane, to a quarter of a vector of memory. */
    STORE_BYTES(2, 2, 0x31),
    /** 16 bits to each lane, from half a vector of memory. */
    LOAD_HALVES(2, 1, 0x33),
    /** A quarter of a vector of memory, to all four quarters. */
    LOAD_QUARTER(2, 1, 0x5A),
    /** In each quarter, the bytes of b whose numbers c has, 0 to 15. */
    LOOK_UP(2, 1, 0x00),
    /** In each quarter, the first eight bytes of b and of c in turn. */
    INTERLEAVE_FIRST(1, 1, 0x60),
    /** In each quarter, the last eight bytes of b and of c in turn. */
    INTERLEAVE_LAST(1, 1, 0x68),
    /** In each quarter, the 16 bits of b and then those of c in 8 bits each, none above 255. */
    PACK(1, 1, 0x67),
    INT_TO_FLOAT(1, 0, 0x5B),
    /**
     * {@code a += b[2i+1] c[2i+1]}, then {@code a += b[2i] c[2i]}, of bfloat16, each rounded once.
     */
    DOT_BFLOAT16(2, 2, 0x52),
    /** {@code a += Σ b[4i+j] c[4i+j]}, b unsigned and c signed bytes; exact. */
    DOT_BYTES(2, 1, 0x50);

    private final int map;
    private final int prefix;
    private final int opcode;

    Op(int map, int prefix, int opcode) {
      this.map = map;
      this.prefix = prefix;
      this.opcode = opcode;
    }
  }

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();

  /** What was written so far. */
  public byte[] bytes() {
    return code.toByteArray();
  }

  /** Where the next instruction goes, for {@link #decrementAndLoop}. */
  public int here() {
    return code.size();
  }

  private void emit(int... bytes) {
    for (int b : bytes) {
      code.write(b);
    }
  }

  private void emitInt(int value) {
    emit(value, value >> 8, value >> 16, value >> 24);
  }

  // ---- vectors ----

  /** {@code a = op(a, b, c)} of registers. */
  public void vector(Op op, int a, int b, int c) {
    prefix(op, a, b, (c & 8) != 0, (c & 16) != 0, false);
    emit(op.opcode, 0xC0 | (a & 7) << 3 | c & 7);
  }

  /** {@code a = op(a, b, whole vector in memory)}; b is 0 where an instruction has none. */
  public void vector(Op op, int a, int b, Address c) {
    memory(op, a, b, c, false);
  }

  /** {@code a = op(a, b, 32 bits in memory, in every lane)}. */
  public void broadcasting(Op op, int a, int b, Address c) {
    memory(op, a, b, c, true);
  }

  /** {@code to = from >>> bits} in lanes of 32 bits. */
  public void shiftRight(int to, int from, int bits) {
    shift(2, to, from, bits);
  }

  /** {@code to = from << bits} in lanes of 32 bits. */
  public void shiftLeft(int to, int from, int bits) {
    shift(6, to, from, bits);
  }

  /** {@code to = from >>> bits} in lanes of 16 bits. */
  public void shiftRightHalves(int to, int from, int bits) {
    shift(0x71, 2, to, from, bits);
  }

  /** {@code to = from >> bits} in lanes of 32 bits, which keeps the sign. */
  public void shiftRightSigned(int to, int from, int bits) {
    shift(4, to, from, bits);
  }

  private void shift(int extension, int to, int from, int bits) {
    shift(0x72, extension, to, from, bits);
  }

  private void shift(int opcode, int extension, int to, int from, int bits) {
    // The register of the result stands where others have their second operand.
    emit(0x62, 0x91 | ((from & 16) == 0 ? 0x40 : 0) | ((from & 8) == 0 ? 0x20 : 0));
    emit((~to & 15) << 3 | 4 | 1, 0x40 | (~to & 16) >> 1);
    emit(opcode, 0xC0 | extension << 3 | from & 7, bits);
  }

  /** {@code to = from} with its halves swapped. */
  public void swapHalves(int to, int from) {
    quarters(to, from, 0x4E);
  }

  /** {@code to = from} with the quarters of each half swapped. */
  public void swapQuarters(int to, int from) {
    quarters(to, from, 0xB1);
  }

  private void quarters(int to, int from, int order) {
    evex(3, 1, to, from, (from & 8) != 0, (from & 16) != 0, 0);
    emit(0x23, 0xC0 | (to & 7) << 3 | from & 7, order);
  }

  /** {@code to = from} with the pairs of lanes of each quarter swapped. */
  public void swapPairs(int to, int from) {
    lanes(to, from, 0x4E);
  }

  /** {@code to = from} with the lanes of each pair swapped. */
  public void swapLanes(int to, int from) {
    lanes(to, from, 0xB1);
  }

  private void lanes(int to, int from, int order) {
    evex(1, 1, to, 0, (from & 8) != 0, (from & 16) != 0, 0);
    emit(0x70, 0xC0 | (to & 7) << 3 | from & 7, order);
  }

  /** {@code to = a == b ? 0 : from} of float32; NaNs equal nothing. */
  public void zeroWhereEqual(int to, int from, int a, int b) {
    int compare = 0xC2;
    int notEqual = 4;
    // The result, mask 1, is told in the place of a vector's number.
    evex(1, 0, 1, a, (b & 8) != 0, (b & 16) != 0, 0);
    emit(compare, 0xC0 | 1 << 3 | b & 7, notEqual);
    int zeroing = 0x81;
    evex(Op.LOAD.map, Op.LOAD.prefix, to, 0, (from & 8) != 0, (from & 16) != 0, zeroing);
    emit(Op.LOAD.opcode, 0xC0 | (to & 7) << 3 | from & 7);
  }

  /** All lanes of mask 1, which {@link #gather} takes away. */
  public void allLanes() {
    emit(0xC5, 0xF4, 0x46, 0xC9); // kxnorw k1, k1, k1
  }

  /** {@code to = 32 bits from [base + offset + each lane of indices]}, after {@link #allLanes}. */
  public void gather(int to, int base, int indices, int offset) {
    indexed(0x90, to, base, indices, offset);
  }

  /** {@code 32 bits at [base + offset + each lane of indices] = from}, as {@link #gather}. */
  public void scatter(int from, int base, int indices, int offset) {
    indexed(0xA0, from, base, indices, offset);
  }

  private void indexed(int opcode, int register, int base, int indices, int offset) {
    emit(0x62);
    emit(
        ((register & 8) == 0 ? 0x80 : 0)
            | ((indices & 8) == 0 ? 0x40 : 0)
            | ((base & 8) == 0 ? 0x20 : 0)
            | ((register & 16) == 0 ? 0x10 : 0)
            | 2);
    emit(0x7D, 0x41 | ((indices & 16) == 0 ? 8 : 0), opcode);
    emit(0x84 | (register & 7) << 3, (indices & 7) << 3 | base & 7);
    emitInt(offset);
  }

  /** Mask 2, a bit for each byte of a vector; changes rax. */
  public void bytesOfMask(long bits) {
    emit(0x48, 0xB8);
    emitInt((int) bits);
    emitInt((int) (bits >>> 32));
    emit(0xC4, 0xE1, 0xFB, 0x92, 0xD0); // kmovq k2, rax
  }

  /** Those bytes of a vector to memory that mask 2 has, after {@link #bytesOfMask}. */
  public void storeMasked(Address to, int from) {
    evex(1, 3, from, 0, (to.base & 8) != 0, (to.index & 8) != 0, 2);
    emit(0x7F);
    operand(from & 7, to);
  }

  private void memory(Op op, int a, int b, Address c, boolean broadcast) {
    prefix(op, a, b, (c.base & 8) != 0, (c.index & 8) != 0, broadcast);
    emit(op.opcode);
    operand(a & 7, c);
  }

  private void prefix(Op op, int a, int b, boolean base, boolean index, boolean broadcast) {
    evex(op.map, op.prefix, a, b, base, index, broadcast ? 0x10 : 0);
  }

  private void evex(
      int map, int prefix, int a, int b, boolean base, boolean index, int broadcastAndMask) {
    emit(0x62);
    emit(
        ((a & 8) == 0 ? 0x80 : 0)
            | (index ? 0 : 0x40)
            | (base ? 0 : 0x20)
            | ((a & 16) == 0 ? 0x10 : 0)
            | map);
    emit((~b & 15) << 3 | 4 | prefix);
    emit(0x40 | broadcastAndMask | (~b & 16) >> 1);
  }

  private void operand(int register, Address address) {
    if (address.index == NO_INDEX && (address.base & 7) != 4) {
      emit(0x80 | register << 3 | address.base & 7);
    } else {
      emit(0x84 | register << 3);
      emit(
          Integer.numberOfTrailingZeros(address.scale) << 6
              | (address.index & 7) << 3
              | address.base & 7);
    }
    emitInt(address.offset);
  }

  // ---- the rest ----

  /** {@code to = the address}. */
  public void address(int to, Address from) {
    emit(0x48 | (to & 8) >> 1 | (from.index & 8) >> 2 | (from.base & 8) >> 3, 0x8D);
    operand(to & 7, from);
  }

  /** {@code to = 64 bits in memory}. */
  public void load(int to, Address from) {
    emit(0x48 | (to & 8) >> 1 | (from.index & 8) >> 2 | (from.base & 8) >> 3, 0x8B);
    operand(to & 7, from);
  }

  /** {@code 64 bits in memory = from}. */
  public void store(Address to, int from) {
    emit(0x48 | (from & 8) >> 1 | (to.index & 8) >> 2 | (to.base & 8) >> 3, 0x89);
    operand(from & 7, to);
  }

  /** {@code to = 8 bits in memory}, without a sign. */
  public void loadByte(int to, Address from) {
    emit(0x40 | (to & 8) >> 1 | (from.index & 8) >> 2 | (from.base & 8) >> 3, 0x0F, 0xB6);
    operand(to & 7, from);
  }

  /** {@code 8 bits in memory = the lowest of from}. */
  public void storeByte(Address to, int from) {
    emit(0x40 | (from & 8) >> 1 | (to.index & 8) >> 2 | (to.base & 8) >> 3, 0x88);
    operand(from & 7, to);
  }

  /** Has a line of memory come to the second cache; nothing happens where there is none. */
  public void prefetch(Address from) {
    int high = (from.index & 8) >> 2 | (from.base & 8) >> 3;
    if (high != 0) {
      emit(0x40 | high);
    }
    emit(0x0F, 0x18);
    operand(2, from);
  }

  /** {@code register += value}. */
  public void add(int register, int value) {
    emit(0x48 | (register & 8) >> 3, 0x81, 0xC0 | register & 7);
    emitInt(value);
  }

  /** {@code eax = value}. */
  public void eax(int value) {
    emit(0xB8);
    emitInt(value);
  }

  /** {@code if (--register != 0) goto target}. */
  public void decrementAndLoop(int register, int target) {
    emit(0x48 | (register & 8) >> 3, 0xFF, 0xC8 | register & 7);
    emit(0x0F, 0x85);
    emitInt(target - (here() + 4));
  }

  /** Returns to the caller, after the zeroing that code without AVX expects. */
  public void leave() {
    emit(0xC5, 0xF8, 0x77, 0xC3); // vzeroupper, ret
  }
}
