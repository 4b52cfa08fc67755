package dev.slipway.recipe.tuning;

import dev.slipway.data.Ledger;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.infer.LanguageModel;
import dev.slipway.recipe.run.Evaluation;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.task.Objective;
import dev.slipway.tune.TunedDecoder;
import java.util.List;

/**
 * What a published model learns: text to continue, conversations to answer, preferences. Knows its
 * data; the pipeline knows how it is planned, trained, kept, resumed and packaged.
 */
public interface TuningTask {
  /**
   * About how much there is to learn, before anything is prepared.
   *
   * @param trainingTokens inputs of an epoch
   * @param heldOutTokens of validation and test together
   * @param prepareSeconds that preparing will take
   */
  record Size(long trainingTokens, long heldOutTokens, double prepareSeconds) {}

  /** Estimates from the source and the model's tokenizer. */
  Size size(BaseModel base);

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

    /** How many epochs so many micro-batches are, a fraction included. */
    double epochs(long microBatches, int rows);

    /** Every record and what became of it after so many micro-batches, proved to be whole. */
    Ledger ledger(long microBatches, int rows);

    /** What the test split says of the tuned model, and of the one that it began as. */
    Evaluation evaluate(TunedDecoder model, int rows);

    /** Answers of the packaged model, for the report. */
    List<Sample> samples(LanguageModel model);

    /** What the report and the model card say of the data. */
    List<Fact> facts();

    @Override
    void close();
  }
}
