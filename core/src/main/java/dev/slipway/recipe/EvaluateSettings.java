package dev.slipway.recipe;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.ByteSize;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;
import java.util.List;

/** What is measured at the end. */
public sealed interface EvaluateSettings {
  @Doc("Cross-entropy in bits for each byte of text, with its confidence interval")
  record BitsPerByte() implements EvaluateSettings {}

  @Doc("Exponential of the mean cross-entropy of a token, with its confidence interval")
  record Perplexity() implements EvaluateSettings {}

  @Doc("How often the most likely next token is the right one, with its confidence interval")
  record Accuracy() implements EvaluateSettings {}

  @Doc("What an n-gram model and xz reach on the same text, and what the forecast said")
  record Yardsticks() implements EvaluateSettings {}

  @Doc("Continuations of held-out documents' beginnings, to be read")
  record Samples(
      @Doc("How many") @Default("4") @Range(min = 1, max = 1000) int count,
      @Doc("Tokens of each") @Default("120") @Range(min = 1, max = 100_000) int tokens,
      @Doc("0 takes the most likely token, more is more varied")
          @Default("0.7")
          @Range(min = 0, max = 10)
          double temperature)
      implements EvaluateSettings {}

  @Doc(
      "Bits per byte, before and after tuning, of text that a model was not tuned for: how much it forgot")
  record Retention(
      @Doc(
              "A folder, zip, jsonl, Parquet or text; auto is the test split of the run that made the model, or a few pages that come with Slipway")
          @Default("auto")
          Auto<String> path,
      @Doc("How much of it is read") @Default("32KB") ByteSize size)
      implements EvaluateSettings {
    /** Where a recipe says nothing of it. */
    public static final Retention USUAL = new Retention(Auto.auto(), new ByteSize(32_000));
  }

  @Doc(
      "Tasks that a model was not tuned for, before and after tuning: multiple choice, likelihood, generation, perplexity")
  record Tasks(
      @Doc("Their YAML documents, as slipway eval --tasks takes them") List<String> files,
      @Doc("Only the first items of each; auto takes all")
          @Default("auto")
          @Range(min = 1, max = 1e9)
          Auto<Integer> limit)
      implements EvaluateSettings {
    public Tasks {
      files = List.copyOf(files);
    }
  }

  @Doc("Every metric of the task, each with its confidence interval")
  record Metrics() implements EvaluateSettings {}

  @Doc("The worst errors with their inputs")
  record Errors(@Doc("How many") @Default("12") @Range(min = 1, max = 1000) int count)
      implements EvaluateSettings {}

  @Doc("The main metric on parts of the test split: by the values of these fields")
  record Slices(@Doc("The fields; numbers are cut into quarters") List<String> fields)
      implements EvaluateSettings {
    public Slices {
      fields = List.copyOf(fields);
    }
  }

  @Doc("Selection, true positive and false positive rate of groups, and how far they differ")
  record Fairness(
      @Doc("The fields that tell the group; numbers are cut into bands") List<String> fields)
      implements EvaluateSettings {
    public Fairness {
      fields = List.copyOf(fields);
    }
  }

  @Doc(
      "The probability from which the positive class is answered; chosen on validation, never on test")
  record Threshold(
      @Doc("What is to be best") @Default("f1") Goal goal,
      @Doc("Cost of a positive that is missed") @Default("1") @Range(min = 0, max = 1e9)
          double falseNegative,
      @Doc("Cost of a negative that is called positive") @Default("1") @Range(min = 0, max = 1e9)
          double falsePositive)
      implements EvaluateSettings {}

  @Doc("The same recipe trained on each of several divisions of the training data")
  record CrossValidation(
      @Doc("How many parts") @Default("5") @Range(min = 2, max = 100) int folds,
      @Doc("How often all of it is shuffled and done again")
          @Default("1")
          @Range(min = 1, max = 100)
          int repeats)
      implements EvaluateSettings {}

  /** What a threshold makes best. */
  enum Goal {
    @Doc("F1, the harmonic mean of precision and recall")
    F1,
    @Doc("True positive rate minus false positive rate (Youden 1950)")
    YOUDEN,
    @Doc("The least cost of errors")
    COST
  }
}
