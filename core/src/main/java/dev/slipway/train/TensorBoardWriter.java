package dev.slipway.train;

import dev.slipway.base.AtomicFiles;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A run's curves as a TensorBoard event file: TFRecord frames (length, masked CRC-32C, data, masked
 * CRC-32C) of {@code Event} messages, written by hand since four fields are all it takes. When a
 * run goes on, records of later steps and a torn end go away.
 */
public final class TensorBoardWriter implements TrainListener, AutoCloseable {
  /** TensorBoard finds a file by the first part of its name. */
  static final String FILE = "events.out.tfevents.0000000000.slipway";

  private static final int FRAME = 8 + 4 + 4;
  private static final int STEP_TAG = 0x10;
  private static final int WALL_TIME_TAG = 0x09;

  private final Path file;
  private final InstantSource clock;
  private @Nullable FileOutputStream out;

  /**
   * @param folder a run's {@code tensorboard}
   * @param clock for the records' times
   */
  public TensorBoardWriter(Path folder, InstantSource clock) {
    this.file = folder.resolve(FILE);
    this.clock = clock;
  }

  @Override
  public void on(TrainEvent event) {
    switch (event) {
      case TrainEvent.Started _ -> begin(-1);
      case TrainEvent.Resumed(long step, long _, boolean _) -> begin(step);
      case TrainEvent.StepDone done -> {
        SequencedMap<String, Double> scalars = new LinkedHashMap<>();
        scalars.put("train/loss", done.loss());
        scalars.put("train/learning_rate", done.learningRate());
        scalars.put("train/grad_norm", done.gradNorm());
        scalars.put("train/targets_per_second", done.targetsPerSecond());
        append(scalars(clock.instant(), done.step(), scalars));
      }
      case TrainEvent.Evaluated evaluated -> {
        SequencedMap<String, Double> scalars = new LinkedHashMap<>();
        scalars.put("validation/loss", evaluated.loss());
        evaluated.metrics().forEach((name, value) -> scalars.put("validation/" + name, value));
        append(scalars(clock.instant(), evaluated.step(), scalars));
      }
      case TrainEvent.LayersWatched watched -> {
        SequencedMap<String, Double> scalars = new LinkedHashMap<>();
        for (LayerParameters layer : watched.parameters()) {
          scalars.put("gradient_norm/" + layer.layer(), layer.gradientNorm());
        }
        for (LayerOutput layer : watched.outputs()) {
          scalars.put("dead/" + layer.layer(), layer.dead());
        }
        append(scalars(clock.instant(), watched.step(), scalars));
      }
      case TrainEvent.FirstBatch _,
          TrainEvent.CheckpointDamaged _,
          TrainEvent.Checkpointed _,
          TrainEvent.EarlyStopped _,
          TrainEvent.BestRestored _,
          TrainEvent.Interrupted _,
          TrainEvent.Finished _,
          TrainEvent.Failed _ -> {}
    }
  }

  private void begin(long step) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    kept.writeBytes(frame(fileVersion(clock.instant())));
    if (Files.exists(file)) {
      close();
      try {
        keep(ByteBuffer.wrap(Files.readAllBytes(file)), step, kept);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    AtomicFiles.write(file, kept.toByteArray());
  }

  /** Copies whole records of steps from 1 to {@code step}, until the torn end. */
  private static void keep(ByteBuffer file, long step, ByteArrayOutputStream kept) {
    file.order(ByteOrder.LITTLE_ENDIAN);
    while (file.remaining() >= FRAME) {
      long length = file.getLong();
      if (length < 0 || length > file.remaining() - 8) {
        return;
      }
      file.getInt();
      byte[] data = new byte[(int) length];
      file.get(data);
      if (file.getInt() != maskedCrc(data)) {
        return;
      }
      long at = stepOf(data);
      if (at >= 1 && at <= step) {
        kept.writeBytes(frame(data));
      }
    }
  }

  private void append(byte[] event) {
    try {
      if (out == null) {
        out = new FileOutputStream(file.toFile(), true);
      }
      out.write(frame(event));
    } catch (IOException e) {
      throw AtomicFiles.problem(file, e);
    }
  }

  @Override
  public void close() {
    try {
      if (out != null) {
        out.close();
        out = null;
      }
    } catch (IOException e) {
      throw AtomicFiles.problem(file, e);
    }
  }

  // ---- the format ----

  static byte[] frame(byte[] data) {
    ByteBuffer frame = ByteBuffer.allocate(FRAME + data.length).order(ByteOrder.LITTLE_ENDIAN);
    frame.putLong(data.length);
    frame.putInt(maskedCrc(ByteBuffer.wrap(frame.array(), 0, 8)));
    frame.put(data);
    frame.putInt(maskedCrc(data));
    return frame.array();
  }

  private static int maskedCrc(byte[] data) {
    return maskedCrc(ByteBuffer.wrap(data));
  }

  private static int maskedCrc(ByteBuffer data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    int value = (int) crc.getValue();
    return Integer.rotateRight(value, 15) + 0xa282ead8;
  }

  /** {@code Event { double wall_time = 1; string file_version = 3; }}. */
  static byte[] fileVersion(Instant time) {
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    wallTime(event, time);
    string(event, 3, "brain.Event:2");
    return event.toByteArray();
  }

  /**
   * {@code Event { double wall_time = 1; int64 step = 2; Summary summary = 5; }} with {@code
   * Summary { repeated Value value = 1; }} and {@code Value { string tag = 1; float simple_value =
   * 2; }}.
   */
  static byte[] scalars(Instant time, long step, SequencedMap<String, Double> scalars) {
    ByteArrayOutputStream summary = new ByteArrayOutputStream();
    scalars.forEach(
        (tag, scalar) -> {
          ByteArrayOutputStream value = new ByteArrayOutputStream();
          string(value, 1, tag);
          value.write(2 << 3 | 5);
          value.writeBytes(littleEndian(4).putFloat(scalar.floatValue()).array());
          bytes(summary, 1, value.toByteArray());
        });
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    wallTime(event, time);
    event.write(STEP_TAG);
    varint(event, step);
    bytes(event, 5, summary.toByteArray());
    return event.toByteArray();
  }

  /** The step of an event that {@link #scalars} made, or -1. */
  private static long stepOf(byte[] event) {
    int at = 9;
    if (event.length <= at + 1 || event[0] != WALL_TIME_TAG || event[at] != STEP_TAG) {
      return -1;
    }
    long step = 0;
    for (int shift = 0; ++at < event.length && shift < 64; shift += 7) {
      step |= (long) (event[at] & 0x7f) << shift;
      if (event[at] >= 0) {
        return step;
      }
    }
    return -1;
  }

  private static void wallTime(ByteArrayOutputStream out, Instant time) {
    out.write(WALL_TIME_TAG);
    out.writeBytes(littleEndian(8).putDouble(time.toEpochMilli() / 1e3).array());
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void string(ByteArrayOutputStream out, int field, String text) {
    bytes(out, field, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void bytes(ByteArrayOutputStream out, int field, byte[] bytes) {
    out.write(field << 3 | 2);
    varint(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
