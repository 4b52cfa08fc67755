package dev.slipway.eval.yardstick;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Pixels as features: pictures of more than 1,024 values are shrunk by the mean of boxes first, so
 * that a linear model learns in seconds.
 */
final class PixelRows implements SparseRows {
  private static final int MOST = 1_024;

  private final int height;
  private final int width;
  private final int channels;
  private final int box;
  private final double scale;

  PixelRows(Features.Pictures training) {
    this.height = training.height();
    this.width = training.width();
    this.channels = training.channels();
    int side = 1;
    while (side < Math.max(height, width)
        && (long) cells(height, side) * cells(width, side) * channels > MOST) {
      side++;
    }
    this.box = side;
    double most = 0;
    for (float[] picture : training.values()) {
      for (float value : picture) {
        most = Math.max(most, Math.abs(value));
      }
    }
    this.scale = most > 0 ? 1 / most : 1;
  }

  private static int cells(int length, int side) {
    return (length + side - 1) / side;
  }

  @Override
  public int width() {
    return cells(height, box) * cells(width, box) * channels;
  }

  @Override
  public Feature[] row(Features features, int example) {
    float[] values = ((Features.Pictures) features).values()[example];
    int rows = cells(height, box);
    int columns = cells(width, box);
    List<Feature> nodes = new ArrayList<>();
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        for (int channel = 0; channel < channels; channel++) {
          double value = mean(values, r * box, c * box, channel) * scale;
          if (value != 0) {
            nodes.add(new FeatureNode(1 + (r * columns + c) * channels + channel, value));
          }
        }
      }
    }
    return SparseRows.array(nodes);
  }

  private double mean(float[] values, int top, int left, int channel) {
    double sum = 0;
    int bottom = Math.min(top + box, height);
    int right = Math.min(left + box, width);
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        sum += values[(y * width + x) * channels + channel];
      }
    }
    return sum / ((bottom - top) * (right - left));
  }

  @Override
  public String shortName() {
    return "pixels";
  }

  @Override
  public String description() {
    return box == 1
        ? "pixels"
        : "pixels shrunk to " + cells(height, box) + " × " + cells(width, box);
  }
}
