package dev.slipway.recipe.tuning;

import dev.slipway.data.Documents;
import dev.slipway.data.SplitName;
import dev.slipway.data.conversation.SequenceEncoder;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.data.conversation.SequenceShards;
import dev.slipway.data.conversation.ShuffledOrder;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.infer.LanguageModel;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.run.DataStage;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunPaths;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Conversations that became sequences of tokens, whatever is learnt of them. */
abstract class PreparedConversations implements TuningTask.Prepared {
  final Recipe recipe;
  final BaseModel base;
  final ChatTexts texts;
  final RunPaths paths;
  final Phases phases;
  final Documents documents;
  final SequenceShards shards;

  /** What is prepared, and where it lies. */
  record Parts(
      Recipe recipe,
      BaseModel base,
      ChatTexts texts,
      RunPaths paths,
      Phases phases,
      Documents documents,
      SequenceShards shards) {}

  PreparedConversations(Parts parts) {
    recipe = parts.recipe;
    base = parts.base;
    texts = parts.texts;
    paths = parts.paths;
    phases = parts.phases;
    documents = parts.documents;
    shards = parts.shards;
  }

  /**
   * Prepares the sequences in the run's folder, or opens those that are there.
   *
   * @param made what learns of them; where it refuses, they are closed
   */
  static TuningTask.Prepared of(
      Recipe recipe,
      BaseModel base,
      ChatTexts texts,
      RunPaths paths,
      Phases phases,
      int threads,
      SequenceEncoder encoder,
      DataStage.Sequences how,
      Function<Parts, TuningTask.Prepared> made) {
    DataStage stage = new DataStage(paths, recipe.seed(), threads, phases);
    Documents documents = stage.documents(recipe.data().config());
    try {
      SequenceShards shards = stage.sequences(documents, texts.fingerprint(), encoder, how);
      try {
        return made.apply(new Parts(recipe, base, texts, paths, phases, documents, shards));
      } catch (RuntimeException e) {
        shards.close();
        throw e;
      }
    } catch (RuntimeException e) {
      documents.close();
      throw e;
    }
  }

  /** In what order the training split's things come, micro-batches of so many sequences. */
  abstract ShuffledOrder order(int rows);

  /** The training sequences of each row of a micro-batch, as they are shown. */
  abstract int[][] sequences(long microBatch, int rows);

  @Override
  public void check(int rows) {
    SequenceShard train = shards.shard(SplitName.TRAIN);
    texts
        .doubledStart()
        .check(
            train,
            sequences(0, rows),
            sequence -> SequenceLedger.recordName(documents, train.record(sequence)));
  }

  @Override
  public double epochs(long microBatches, int rows) {
    return order(rows).epochs(microBatches);
  }

  @Override
  public Map<String, String> files() {
    return texts.files();
  }

  @Override
  public List<Sample> samples(LanguageModel model) {
    return recipe
        .evaluation(EvaluateSettings.Samples.class)
        .map(wanted -> AnswerSamples.write(model, texts.chat(), documents, wanted, recipe.seed()))
        .orElse(List.of());
  }

  static Fact fact(String name, long value) {
    return new Fact(name, String.format(Locale.ROOT, "%,d", value));
  }

  @Override
  public void close() {
    shards.close();
    documents.close();
  }
}
