package dev.slipway.data.sound;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Decodes RIFF WAVE: PCM of 8, 16, 24 and 32 bits, floats of 32 and 64, A-law and µ-law (ITU-T
 * G.711).
 */
final class WavDecoder {
  private static final int PCM = 1;
  private static final int FLOAT = 3;
  private static final int A_LAW = 6;
  private static final int MU_LAW = 7;
  private static final int EXTENSIBLE = 0xFFFE;

  private final ByteBuffer file;
  private int format = -1;
  private int channels;
  private int rate;
  private int bits;

  WavDecoder(byte[] file) {
    this.file = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }

  Waveform decode() throws BrokenSound {
    long at = 12;
    while (at + 8 <= file.limit()) {
      long length = file.getInt((int) at + 4) & 0xFFFFFFFFL;
      int from = (int) at + 8;
      if (Sounds.starts(file.array(), (int) at, "fmt ")) {
        format(from, length);
      } else if (Sounds.starts(file.array(), (int) at, "data")) {
        if (format < 0) {
          throw new BrokenSound("it has no format before its data");
        }
        // What was written to a pipe has the largest length there is, or none.
        boolean unknown = length == 0xFFFFFFFFL || length == 0;
        return samples(from, unknown ? file.limit() - from : length);
      }
      at = from + length + (length & 1);
    }
    throw new BrokenSound("it has no data");
  }

  private void format(int from, long length) throws BrokenSound {
    if (length < 16 || from + length > file.limit()) {
      throw new BrokenSound("its format is damaged");
    }
    format = file.getShort(from) & 0xFFFF;
    channels = file.getShort(from + 2) & 0xFFFF;
    rate = file.getInt(from + 4);
    bits = file.getShort(from + 14) & 0xFFFF;
    if (format == EXTENSIBLE && length >= 26) {
      format = file.getShort(from + 24) & 0xFFFF;
    }
    boolean known =
        switch (format) {
          case PCM -> bits == 8 || bits == 16 || bits == 24 || bits == 32;
          case FLOAT -> bits == 32 || bits == 64;
          case A_LAW, MU_LAW -> bits == 8;
          default -> false;
        };
    if (!known) {
      throw new BrokenSound("its samples are of format " + format + " with " + bits + " bits");
    }
    if (channels < 1 || rate < 1) {
      throw new BrokenSound("it has " + channels + " channels at " + rate + " Hz");
    }
  }

  private Waveform samples(int from, long length) throws BrokenSound {
    if (from + length > file.limit()) {
      throw new BrokenSound("it ends too early");
    }
    int bytes = bits / 8;
    int count = (int) (length / ((long) bytes * channels));
    float[] mixed = new float[count];
    int at = from;
    for (int i = 0; i < count; i++) {
      double sum = 0;
      for (int c = 0; c < channels; c++, at += bytes) {
        sum += sample(at);
      }
      mixed[i] = (float) (sum / channels);
    }
    return new Waveform(mixed, rate);
  }

  private double sample(int at) throws BrokenSound {
    double value =
        switch (format) {
          case A_LAW -> aLaw(file.get(at)) / 32768.0;
          case MU_LAW -> muLaw(file.get(at)) / 32768.0;
          case FLOAT -> bits == 32 ? file.getFloat(at) : file.getDouble(at);
          default ->
              switch (bits) {
                case 8 -> ((file.get(at) & 0xFF) - 128) / 128.0;
                case 16 -> file.getShort(at) / 32768.0;
                case 24 ->
                    ((file.get(at) & 0xFF)
                            | (file.get(at + 1) & 0xFF) << 8
                            | file.get(at + 2) << 16)
                        / 8388608.0;
                default -> file.getInt(at) / 2147483648.0;
              };
        };
    if (!Double.isFinite(value)) {
      throw new BrokenSound("a sample is no number");
    }
    return value;
  }

  private static int muLaw(byte code) {
    int u = ~code & 0xFF;
    int magnitude = (((u & 15) << 3) + 0x84 << (u >> 4 & 7)) - 0x84;
    return (u & 0x80) == 0 ? magnitude : -magnitude;
  }

  private static int aLaw(byte code) {
    int a = (code ^ 0x55) & 0xFF;
    int exponent = a >> 4 & 7;
    int magnitude = ((a & 15) << 4) + 8;
    if (exponent > 0) {
      magnitude = magnitude + 0x100 << (exponent - 1);
    }
    return (a & 0x80) == 0 ? -magnitude : magnitude;
  }
}
