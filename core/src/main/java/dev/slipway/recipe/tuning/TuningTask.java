package dev.slipway.recipe.tuning;

import dev.slipway.data.Ledger;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.infer.LanguageModel;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.recipe.TaskSettings;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.task.Objective;
import dev.slipway.tune.TunedDecoder;
import java.util.List;
import java.util.Map;

/**
 * What a published model learns: text to continue, conversations to answer, preferences. Knows its
 * data; the pipeline knows how it is planned, trained, kept, resumed and packaged.
 */
public interface TuningTask {
  /**
   * About how much there is to learn, before anything is prepared.
   *
   * @param things that a batch counts, such as rows of text or pairs of answers, of an epoch
   * @param sequences of each, 2 of a pair
   * @param columns tokens of a sequence as it is computed, on average
   * @param targets what training counts of each, on average
   * @param heldOutTokens of validation and test together
   * @param references how often an epoch is gone through forward before training
   * @param prepareSeconds that preparing will take
   */
  record Size(
      long things,
      int sequences,
      double columns,
      double targets,
      long heldOutTokens,
      int references,
      double prepareSeconds) {}

  /** Estimates from the source and the model's tokenizer. */
  Size size(BaseModel base);

  /** What training counts, one of them, such as {@code token}. */
  String counted();

  /**
   * The network that learns; one that gives rewards has a score in the place of its head.
   *
   * @throws dev.slipway.base.SlipwayException {@code model.scores} where one that is to write can't
   */
  default DecoderConfig network(BaseModel base) {
    PretrainedDecoder.requireLanguageModel(base.config(), base.folder().toString());
    return base.config();
  }

  /** The recipe's task with nothing left open. */
  TaskSettings settled(BaseModel base);

  /** Prepares the data in the run's folder, or opens what is there already. */
  Prepared prepare(BaseModel base, RunPaths paths, Phases phases, int threads);

  /** Data that are ready to be learnt. */
  interface Prepared extends AutoCloseable {
    /**
     * The model bound to the training and validation data.
     *
     * @param rows sequences of a micro-batch
     */
    Objective objective(TunedDecoder model, int rows);

    /**
     * Refuses what must not be learnt, once people have been shown the first micro-batch.
     *
     * @param rows sequences of a micro-batch
     */
    default void check(int rows) {}

    /** How many epochs so many micro-batches are, a fraction included. */
    double epochs(long microBatches, int rows);

    /** Every record and what became of it after so many micro-batches, proved to be whole. */
    Ledger ledger(long microBatches, int rows);

    /** What the test split says of the tuned model, and of the one that it began as. */
    Judgement evaluate(TunedDecoder model, int rows);

    /** Answers of the packaged model, for the report; of one that writes text. */
    List<Sample> samples(LanguageModel model);

    /** A clause: what the test split is. */
    String heldOut();

    /** What belongs to the model beside its weights, by file name, such as a chat template. */
    default Map<String, String> files() {
      return Map.of();
    }

    /** What the report and the model card say of the data. */
    List<Fact> facts();

    @Override
    void close();
  }
}
