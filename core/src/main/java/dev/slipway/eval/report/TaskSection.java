package dev.slipway.eval.report;

import dev.slipway.eval.analysis.CostMatrix;
import dev.slipway.eval.analysis.CrossValidation;
import dev.slipway.eval.analysis.Fairness;
import dev.slipway.eval.analysis.LearningDiagnosis.Finding;
import dev.slipway.eval.analysis.Slice;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Forecast;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a task's report. The usual order is that of the records below; a part is left out by
 * leaving it out of the list. Of most kinds there is one in a report; of {@link Examples} and
 * {@link Table} there may be several with different ids.
 */
public sealed interface TaskSection {
  /** The model's metrics with intervals, and its yardsticks. */
  record Quality(TaskEvaluation evaluation) implements TaskSection {}

  /** ROC, precision–recall, calibration and confusion matrix, as the metrics gave them. */
  record Decisions(List<dev.slipway.eval.metric.Curve> curves) implements TaskSection {
    public Decisions {
      curves = List.copyOf(curves);
    }
  }

  /**
   * Predicted against true numbers, and what is left between them.
   *
   * @param truth of each test example
   * @param predicted as many
   * @param unit of both, or what they are, such as {@code price in euro}
   */
  record Numbers(double[] truth, double[] predicted, String unit) implements TaskSection {
    public Numbers {
      if (truth.length != predicted.length) {
        throw new IllegalArgumentException(
            truth.length + " true and " + predicted.length + " predicted numbers");
      }
    }
  }

  /**
   * What the decisions cost.
   *
   * @param matrix of costs
   * @param outcome on the test examples, the threshold chosen on validation examples
   */
  record Costs(CostMatrix matrix, CostMatrix.Outcome outcome) implements TaskSection {}

  /**
   * Each fold's figures, their mean and spread.
   *
   * @param note a sentence, or empty
   */
  record Folds(CrossValidation folds, String note) implements TaskSection {}

  /** Answers to "is B really better than A?", a sentence each. */
  record Compared(List<String> sentences) implements TaskSection {
    public Compared {
      sentences = List.copyOf(sentences);
    }
  }

  /**
   * How it learnt.
   *
   * @param curves of training, in reading order
   * @param findings what they say, and what to try next
   */
  record Learning(List<Curve> curves, List<Finding> findings) implements TaskSection {
    public Learning {
      curves = List.copyOf(curves);
      findings = List.copyOf(findings);
    }
  }

  /**
   * What the training watch saw in layers: dead activations, vanishing or exploding gradients.
   *
   * @param troubles a sentence each; empty means that it saw none
   * @param layers one row each, or empty
   */
  record Watch(List<String> troubles, List<WatchedLayer> layers) implements TaskSection {
    public Watch {
      troubles = List.copyOf(troubles);
      layers = List.copyOf(layers);
    }
  }

  /**
   * @param layer its name
   * @param gradientNorm median over the steps watched
   * @param updateRatio median of the update's norm over the weights'; NaN if unknown
   * @param deadShare units that answered no example; NaN where there is no activation
   * @param trouble a word or two, or empty
   */
  record WatchedLayer(
      String layer, double gradientNorm, double updateRatio, double deadShare, String trouble) {}

  /**
   * Slices, the significantly worse ones first.
   *
   * @param figure what each slice's number is, such as {@code accuracy}
   */
  record Slices(String figure, List<Slice> slices) implements TaskSection {
    public Slices {
      slices = List.copyOf(slices);
    }
  }

  /** How decisions fall on groups of people. */
  record Groups(List<Fairness> groups) implements TaskSection {
    public Groups {
      groups = List.copyOf(groups);
    }
  }

  /**
   * Examples with what was predicted for them.
   *
   * @param id unique on the page, such as {@code worst}
   * @param title such as {@code Its worst mistakes}
   * @param lead a sentence under it
   */
  record Examples(String id, String title, String lead, List<Shown> examples)
      implements TaskSection {
    public Examples {
      examples = List.copyOf(examples);
    }
  }

  /**
   * One example.
   *
   * @param name of it: a file's name, or its row's number
   * @param input what the model saw
   * @param truth as text; empty if unknown
   * @param predicted as text, with its probability if there is one
   * @param right whether that will do; null where right and wrong don't apply
   * @param note such as its loss, or empty
   */
  record Shown(
      String name,
      Input input,
      String truth,
      String predicted,
      @Nullable Boolean right,
      String note) {}

  /** What an example looks like. */
  sealed interface Input {
    /**
     * A picture, or a spectrogram, kept in the page.
     *
     * @param bytes of a PNG, JPEG, GIF or WebP file
     */
    record Image(byte[] bytes) implements Input {}

    /** The beginning of a text is shown, the rest on demand. */
    record Text(String text) implements Input {}

    /**
     * A text that augmentation changed.
     *
     * @param before as it is in the source
     * @param after as it is learnt from
     */
    record Changed(String before, String after) implements Input {}

    /** Columns of a table. */
    record Row(List<Fact> columns) implements Input {
      public Row {
        columns = List.copyOf(columns);
      }
    }
  }

  /**
   * What the data are.
   *
   * @param splits sizes
   * @param classes counts by split; empty where there are no classes
   * @param histograms such as of the texts' lengths or of the targets
   * @param missing columns with missing values
   * @param warnings sentences, such as duplicates between splits with their names
   */
  record Data(
      List<SplitSize> splits,
      List<ClassCount> classes,
      List<Histogram> histograms,
      List<Missing> missing,
      List<String> warnings)
      implements TaskSection {
    public Data {
      splits = List.copyOf(splits);
      classes = List.copyOf(classes);
      histograms = List.copyOf(histograms);
      missing = List.copyOf(missing);
      warnings = List.copyOf(warnings);
    }
  }

  /** A split and how many examples it has. */
  record SplitSize(String split, long examples) {}

  /**
   * @param counts of the class by split, in the order of {@link Data#splits}
   */
  record ClassCount(String name, List<Long> counts) {
    public ClassCount {
      counts = List.copyOf(counts);
    }
  }

  /**
   * @param name of its picture's file, such as {@code lengths}
   * @param title above it
   * @param unit under its axis, such as {@code words}
   * @param edges one more than counts, rising
   */
  record Histogram(String name, String title, String unit, double[] edges, long[] counts) {
    public Histogram {
      if (edges.length != counts.length + 1) {
        throw new IllegalArgumentException(
            edges.length + " edges of " + counts.length + " bars, expected one more");
      }
    }
  }

  /**
   * @param treatment what was done about them, such as {@code median}
   */
  record Missing(String column, long missing, long examples, String treatment) {}

  /**
   * Examples as they are, each followed by what augmentation made of it.
   *
   * @param steps the augmentation in words, in its order
   */
  record Augmented(List<String> steps, List<AugmentedExample> examples) implements TaskSection {
    public Augmented {
      steps = List.copyOf(steps);
      examples = List.copyOf(examples);
    }
  }

  /** Of one example; texts may stand in place of pictures. */
  record AugmentedExample(Input original, List<Input> variants) {
    public AugmentedExample {
      variants = List.copyOf(variants);
    }
  }

  /** The network, layer by layer. */
  record Layers(List<Layer> layers) implements TaskSection {
    public Layers {
      layers = List.copyOf(layers);
    }
  }

  /**
   * @param name such as {@code 3 · conv2d}
   * @param output its shape, such as {@code [batch, 26, 26, 32]}
   * @param memoryBytes of activations for one example; negative if unknown
   * @param flops forward, of one example; negative if unknown
   */
  record Layer(String name, String output, long parameters, long memoryBytes, long flops) {}

  /** What was forecast before the run, and what came. */
  record Forecasts(List<Forecast> forecasts) implements TaskSection {
    public Forecasts {
      forecasts = List.copyOf(forecasts);
    }
  }

  /**
   * Anything else that is rows of figures.
   *
   * @param id unique on the page
   * @param columns heads; the first column names its row
   */
  record Table(String id, String title, String lead, List<String> columns, List<List<String>> rows)
      implements TaskSection {
    public Table {
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).toList();
    }
  }
}
