package dev.slipway.data.picture;

import dev.slipway.data.example.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a JPEG file (ITU-T T.81): Huffman-coded, baseline, extended or progressive, 8 bits, of 1,
 * 3 or 4 components. Samples are bit by bit those of libjpeg with its accurate integer transform
 * and its smooth upsampling, which are the defaults of Pillow and torchvision. An instance decodes
 * one file once.
 */
final class JpegDecoder {
  private final byte[] file;
  private final long mostPixels;
  private final JpegScan scan = new JpegScan();
  private final int[] @Nullable [] quantisers = new int[4][];
  private final List<JpegComponent> components = new ArrayList<>();
  private int position;
  private boolean progressive;
  private int restartInterval;
  private int orientation = 1;
  private boolean jfif;

  /** The colour transform that an Adobe marker names; -1 without one. */
  private int adobe = -1;

  private int width;
  private int height;
  private int mostH = 1;
  private int mostV = 1;

  /** Reads the header up to the frame's sizes; no pixel. */
  JpegDecoder(byte[] file, long mostPixels) throws BrokenPicture {
    this.file = file;
    this.mostPixels = mostPixels;
    position = 2;
    while (width == 0) {
      int marker = marker();
      if (marker == 0xDA || marker == 0xD9) {
        throw new BrokenPicture("it has no frame header");
      }
      header(marker);
    }
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** As EXIF tells it, 1 … 8; 1 is upright. */
  int orientation() {
    return orientation;
  }

  /**
   * Part of the picture: width × height from (x, y), with 1 channel where the file has one
   * component, else red, green and blue. The rest is read, but not transformed; what stands below
   * isn't even read, so that damage there goes unseen.
   */
  Value.Pixels decode(int x, int y, int w, int h) throws BrokenPicture {
    for (JpegComponent component : components) {
      want(component, x, y, w, h);
    }
    scans();
    for (JpegComponent component : components) {
      quantiser(component);
      if (progressive) {
        scan.transform(component);
      }
    }
    return new JpegPixels(components, mostH, mostV, width, transform()).region(x, y, w, h);
  }

  /** Reads all coefficients, and transforms none. */
  void check() throws BrokenPicture {
    for (JpegComponent component : components) {
      component.bottom = component.blocksHigh;
      if (progressive) {
        component.coefficients = new short[component.blocksWide * component.blocksHigh * 64];
      }
    }
    scans();
    for (JpegComponent component : components) {
      quantiser(component);
    }
  }

  private void scans() throws BrokenPicture {
    boolean done = false;
    int scans = 0;
    while (!done) {
      int marker = marker();
      if (marker == 0xD9) {
        if (scans == 0) {
          throw JpegScan.truncated();
        }
        done = true;
      } else if (marker == 0xDA) {
        // A file of a thousand scans would be decoded a thousand times (as djpeg's -maxscans).
        if (++scans > 500) {
          throw new BrokenPicture("it has more than 500 scans");
        }
        done = scan() && !progressive;
      } else {
        header(marker);
      }
    }
  }

  private JpegPixels.Colours transform() {
    if (components.size() == 1) {
      return JpegPixels.Colours.GREY;
    }
    if (components.size() == 4) {
      return adobe == 2 ? JpegPixels.Colours.YCCK : JpegPixels.Colours.CMYK;
    }
    boolean named =
        components.get(0).id == 'R' && components.get(1).id == 'G' && components.get(2).id == 'B';
    boolean rgb = !jfif && (adobe >= 0 ? adobe == 0 : named);
    return rgb ? JpegPixels.Colours.RGB : JpegPixels.Colours.YCC;
  }

  private void want(JpegComponent component, int x, int y, int w, int h) {
    // One sample more on each side, which smooth upsampling looks at.
    component.left = Math.max(0, ((x * component.h) / mostH - 1) >> 3);
    component.top = Math.max(0, ((y * component.v) / mostV - 1) >> 3);
    component.right =
        Math.min(component.blocksWide, (((x + w) * component.h + mostH - 1) / mostH >> 3) + 1);
    component.bottom =
        Math.min(component.blocksHigh, (((y + h) * component.v + mostV - 1) / mostV >> 3) + 1);
    component.plane = new byte[component.stride() * component.blocksHigh * 8];
    if (progressive) {
      component.coefficients = new short[component.blocksWide * component.blocksHigh * 64];
    }
  }

  private int marker() throws BrokenPicture {
    while (position + 1 < file.length) {
      if (file[position] == (byte) 0xFF) {
        int marker = file[position + 1] & 0xFF;
        if (marker != 0xFF && marker != 0) {
          position += 2;
          return marker;
        }
      }
      position++;
    }
    throw JpegScan.truncated();
  }

  /** What isn't a scan. */
  private void header(int marker) throws BrokenPicture {
    if (marker >= 0xD0 && marker <= 0xD8 || marker == 0x01) {
      return;
    }
    int length = u16(position);
    int from = position + 2;
    int to = position + length;
    if (length < 2 || to > file.length) {
      throw JpegScan.truncated();
    }
    switch (marker) {
      case 0xDB -> quantisers(from, to);
      case 0xC4 -> huffman(from, to);
      case 0xDD -> restartInterval = u16(from);
      case 0xC0, 0xC1, 0xC2 -> frame(marker, from, to);
      case 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF ->
          throw new BrokenPicture(
              "it is a lossless, hierarchical or arithmetic-coded JPEG, which is not read");
      case 0xE0 -> jfif |= starts(from, to, "JFIF\0");
      case 0xE1 -> {
        if (starts(from, to, "Exif\0\0")) {
          orientation = Exif.orientation(file, from + 6, to);
        }
      }
      case 0xEE -> {
        if (starts(from, to, "Adobe") && to - from >= 12) {
          adobe = file[from + 11] & 0xFF;
        }
      }
      default -> {}
    }
    position = to;
  }

  private boolean starts(int from, int to, String name) {
    if (to - from < name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (file[from + i] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private int u16(int at) throws BrokenPicture {
    if (at + 1 >= file.length) {
      throw JpegScan.truncated();
    }
    return (file[at] & 0xFF) << 8 | (file[at + 1] & 0xFF);
  }

  private int u8(int at, int to) throws BrokenPicture {
    if (at >= Math.min(to, file.length)) {
      throw new BrokenPicture("a part of its header is too short");
    }
    return file[at] & 0xFF;
  }

  private void quantisers(int from, int to) throws BrokenPicture {
    int at = from;
    while (at < to) {
      int kind = u8(at++, to);
      boolean wide = kind >> 4 != 0;
      if ((kind & 15) > 3 || at + (wide ? 128 : 64) > to) {
        throw new BrokenPicture("its quantisation tables are damaged");
      }
      int[] table = new int[64];
      for (int k = 0; k < 64; k++) {
        table[k] = wide ? u16(at + 2 * k) : file[at + k] & 0xFF;
      }
      quantisers[kind & 15] = table;
      at += wide ? 128 : 64;
    }
  }

  private void huffman(int from, int to) throws BrokenPicture {
    int at = from;
    while (at < to) {
      int kind = u8(at++, to);
      int[] counts = new int[16];
      int total = 0;
      for (int i = 0; i < 16; i++) {
        counts[i] = u8(at++, to);
        total += counts[i];
      }
      if ((kind & 15) > 3 || kind >> 4 > 1 || total > 256 || at + total > to) {
        throw new BrokenPicture("its Huffman tables are damaged");
      }
      JpegHuffman table = new JpegHuffman(counts, Arrays.copyOfRange(file, at, at + total));
      (kind >> 4 == 0 ? scan.dc : scan.ac)[kind & 15] = table;
      at += total;
    }
  }

  private void frame(int marker, int from, int to) throws BrokenPicture {
    if (width != 0) {
      throw new BrokenPicture("it has two frame headers");
    }
    progressive = marker == 0xC2;
    int bits = u8(from, to);
    int high = u16(from + 1);
    int wide = u16(from + 3);
    int count = u8(from + 5, to);
    if (bits != 8) {
      throw new BrokenPicture("it has " + bits + " bits a sample, expected 8");
    }
    if (high == 0 || wide == 0) {
      throw new BrokenPicture("its size is " + wide + "×" + high);
    }
    if (count != 1 && count != 3 && count != 4) {
      throw new BrokenPicture("it has " + count + " components, expected 1, 3 or 4");
    }
    PictureProblems.checkSize(wide, high, mostPixels);
    for (int i = 0; i < count; i++) {
      int at = from + 6 + 3 * i;
      int sampling = u8(at + 1, to);
      JpegComponent component =
          new JpegComponent(u8(at, to), sampling >> 4, sampling & 15, u8(at + 2, to) & 3);
      if (component.h < 1 || component.h > 4 || component.v < 1 || component.v > 4) {
        throw new BrokenPicture("its sampling factors are damaged");
      }
      mostH = Math.max(mostH, component.h);
      mostV = Math.max(mostV, component.v);
      components.add(component);
    }
    for (JpegComponent component : components) {
      if (mostH % component.h != 0 || mostV % component.v != 0) {
        throw new BrokenPicture("its sampling factors don't divide each other, which is not read");
      }
      component.width = (wide * component.h + mostH - 1) / mostH;
      component.height = (high * component.v + mostV - 1) / mostV;
      component.blocksWide = (wide + 8 * mostH - 1) / (8 * mostH) * component.h;
      component.blocksHigh = (high + 8 * mostV - 1) / (8 * mostV) * component.v;
    }
    width = wide;
    height = high;
  }

  private void quantiser(JpegComponent component) throws BrokenPicture {
    int[] table = quantisers[component.table];
    if (table == null) {
      throw new BrokenPicture("it lacks a quantisation table");
    }
    component.quantiser = table;
  }

  /** One scan; true where it held all components. */
  private boolean scan() throws BrokenPicture {
    int length = u16(position);
    int to = position + length;
    int count = u8(position + 2, to);
    if (count < 1 || count > components.size() || length != 6 + 2 * count || to > file.length) {
      throw new BrokenPicture("a scan header is damaged");
    }
    List<JpegComponent> chosen = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int id = u8(position + 3 + 2 * i, to);
      int tables = u8(position + 4 + 2 * i, to);
      JpegComponent component =
          components.stream()
              .filter(c -> c.id == id && !chosen.contains(c))
              .findFirst()
              .orElseThrow(() -> new BrokenPicture("a scan is of an unknown component"));
      component.dcTable = tables >> 4 & 3;
      component.acTable = tables & 3;
      quantiser(component);
      chosen.add(component);
    }
    int spectrum = position + 3 + 2 * count;
    Bands bands =
        new Bands(
            u8(spectrum, to),
            u8(spectrum + 1, to),
            u8(spectrum + 2, to) >> 4,
            u8(spectrum + 2, to) & 15);
    if (progressive
        && (bands.from > bands.to
            || bands.to > 63
            || bands.low > 13
            || (bands.from == 0 ? bands.to != 0 : count != 1))) {
      throw new BrokenPicture("a scan header is damaged");
    }
    position = to;
    restart(chosen);
    if (count == 1) {
      JpegComponent component = chosen.getFirst();
      alone(component, bands);
    } else {
      together(chosen, bands);
    }
    scan.checkEnd();
    return count == components.size();
  }

  private record Bands(int from, int to, int high, int low) {}

  private void restart(List<JpegComponent> chosen) {
    position = scan.segment(file, position);
    for (JpegComponent component : chosen) {
      component.prediction = 0;
    }
  }

  private void nextInterval(List<JpegComponent> chosen) throws BrokenPicture {
    scan.checkEnd();
    int marker = marker();
    if (marker < 0xD0 || marker > 0xD7) {
      throw JpegScan.truncated();
    }
    restart(chosen);
  }

  private void alone(JpegComponent component, Bands bands) throws BrokenPicture {
    int wide = (component.width + 7) / 8;
    int high = (component.height + 7) / 8;
    if (!progressive && components.size() == 1) {
      high = Math.min(high, component.bottom);
    }
    int left = restartInterval;
    for (int y = 0; y < high; y++) {
      for (int x = 0; x < wide; x++) {
        if (restartInterval > 0 && left-- == 0) {
          nextInterval(List.of(component));
          left = restartInterval - 1;
        }
        block(component, x, y, bands);
      }
    }
  }

  private void together(List<JpegComponent> chosen, Bands bands) throws BrokenPicture {
    int wide = (width + 8 * mostH - 1) / (8 * mostH);
    int high = (height + 8 * mostV - 1) / (8 * mostV);
    if (!progressive && chosen.size() == components.size()) {
      int most = 0;
      for (JpegComponent component : chosen) {
        most = Math.max(most, (component.bottom + component.v - 1) / component.v);
      }
      high = Math.min(high, most);
    }
    int left = restartInterval;
    for (int y = 0; y < high; y++) {
      for (int x = 0; x < wide; x++) {
        if (restartInterval > 0 && left-- == 0) {
          nextInterval(chosen);
          left = restartInterval - 1;
        }
        for (JpegComponent component : chosen) {
          for (int v = 0; v < component.v; v++) {
            for (int h = 0; h < component.h; h++) {
              block(component, x * component.h + h, y * component.v + v, bands);
            }
          }
        }
      }
    }
  }

  private void block(JpegComponent component, int x, int y, Bands bands) throws BrokenPicture {
    if (!progressive) {
      scan.sequential(component, x, y);
      return;
    }
    int at = (y * component.blocksWide + x) * 64;
    if (bands.from == 0) {
      scan.progressiveDc(component, at, bands.high, bands.low);
    } else if (bands.high == 0) {
      scan.progressiveFirst(component, at, bands.from, bands.to, bands.low);
    } else {
      scan.progressiveMore(component, at, bands.from, bands.to, bands.low);
    }
  }
}
