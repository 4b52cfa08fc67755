package dev.slipway.recipe.tuning;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.Document;
import dev.slipway.data.SplitName;
import dev.slipway.data.conversation.Sequence;
import dev.slipway.data.conversation.SequenceEncoder;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.data.conversation.SequenceShards;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.infer.LanguageModel;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.TaskSettings;
import dev.slipway.recipe.run.Phase;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.task.preference.RewardLoss;
import dev.slipway.task.preference.RewardScore;
import dev.slipway.task.preference.RewardTuning;
import dev.slipway.tune.TunedDecoder;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** Learning to give answers rewards as people like them. */
public final class RewardLearning implements TuningTask {
  /** Pairs that the report shows. */
  private static final int SHOWN = 12;

  private final Recipe recipe;
  private final TaskSettings.RewardModelling settings;

  public RewardLearning(Recipe recipe, TaskSettings.RewardModelling settings) {
    this.recipe = recipe;
    this.settings = settings;
  }

  private SequenceEncoder encoder(ChatTexts texts) {
    return texts.encoder(settings.overLong(), false);
  }

  @Override
  public DecoderConfig network(BaseModel base) {
    return PretrainedDecoder.scoring(base.folder());
  }

  @Override
  public Size size(BaseModel base) {
    double heldOut = recipe.data().resolvedSplit().heldOut();
    SequenceEncoder encoder = encoder(ChatTexts.of(settings.template(), base));
    ConversationSize all =
        ConversationSize.of(recipe.data().config().source(), encoder::countPreference);
    return new Size(
        Math.max(1, Math.round(all.records() * (1 - heldOut))),
        2,
        InstructionTuning.columns(all, base),
        1,
        Math.round(all.tokens() * heldOut),
        0,
        all.seconds());
  }

  @Override
  public String counted() {
    return "pair";
  }

  @Override
  public TaskSettings settled(BaseModel base) {
    return settings.withTemplate(ChatTexts.settled(settings.template(), base));
  }

  @Override
  public Prepared prepare(BaseModel base, RunPaths paths, Phases phases, int threads) {
    ChatTexts texts = ChatTexts.of(settings.template(), base);
    return PreparedConversations.of(
        recipe,
        base,
        texts,
        paths,
        phases,
        threads,
        encoder(texts),
        SequenceShards::ofPreferences,
        this::ready);
  }

  private Prepared ready(PreparedConversations.Parts parts) {
    if (parts.shards().perRecord() != 2) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.preferences-rated",
          recipe.data().config().source().path()
              + " has rated answers, expected pairs of chosen and rejected ones for a reward model",
          "give two answers to each prompt, one of which is liked better");
    }
    return new Ready(parts);
  }

  private final class Ready extends PreparedAnswers {
    Ready(Parts parts) {
      super(parts, 2, counted());
    }

    private RewardTuning.Pairs pairs(SplitName split, TunedDecoder model) {
      return new RewardTuning.Pairs(
          shards.shard(split), margins(split), (ScoringConfig) model.config(), texts.padId());
    }

    /** Of each pair of a split; empty where no row has one. */
    private double[] margins(SplitName split) {
      double[] ofRecords =
          StreamSupport.stream(documents.documents(split).spliterator(), false)
              .mapToDouble(RewardLearning::margin)
              .toArray();
      if (Arrays.stream(ofRecords).allMatch(margin -> margin == 0)) {
        return new double[0];
      }
      SequenceShard shard = shards.shard(split);
      return IntStream.range(0, count(split))
          .mapToDouble(pair -> ofRecords[shard.record(2 * pair)])
          .toArray();
    }

    @Override
    public RewardTuning objective(TunedDecoder model, int rows) {
      return new RewardTuning(
          model.parameters(),
          model.scores(),
          new RewardLoss(settings.centerRewards()),
          order(rows),
          pairs(SplitName.TRAIN, model),
          pairs(SplitName.VALIDATION, model),
          base.tokenizer(),
          place -> SequenceLedger.recordName(documents, place));
    }

    @Override
    public Judgement evaluate(TunedDecoder model, int rows) {
      return phases.run(
          Phase.EVALUATE,
          Files.exists(paths.evaluation()),
          there -> {
            if (there) {
              return new Judgement.OfRewards(Json.read(paths.evaluation(), RewardEvaluation.class));
            }
            RewardEvaluation evaluation = judged(model, rows);
            AtomicFiles.write(paths.evaluation(), Json.write(evaluation));
            return new Judgement.OfRewards(evaluation);
          },
          judgement -> {
            var accuracy = judgement.evaluation().figures().firstEntry().getValue();
            return String.format(
                Locale.ROOT,
                "the liked answer gets the higher reward in %.1f %% (95 %%: %.1f to %.1f) of %,d pairs",
                100 * accuracy.estimate(),
                100 * accuracy.low(),
                100 * accuracy.high(),
                judgement.evaluation().pairs());
          });
    }

    private RewardEvaluation judged(TunedDecoder model, int rows) {
      List<RewardScore> scores =
          objective(model, rows).scores(pairs(SplitName.TEST, model), count(SplitName.TEST));
      SequenceShard test = shards.shard(SplitName.TEST);
      int[][] lengths = new int[scores.size()][];
      Arrays.setAll(lengths, i -> new int[] {test.targets(2 * i), test.targets(2 * i + 1)});
      List<RewardEvaluation.Pair> worst =
          IntStream.range(0, scores.size())
              .boxed()
              .filter(i -> scores.get(i).margin() <= 0)
              .sorted(Comparator.comparingDouble(i -> scores.get(i).margin()))
              .limit(SHOWN)
              .map(i -> shown(i, scores.get(i)))
              .toList();
      return RewardEvaluation.of(scores, lengths, worst, recipe.seed());
    }

    private RewardEvaluation.Pair shown(int pair, RewardScore score) {
      SequenceShard test = shards.shard(SplitName.TEST);
      Sequence chosen = test.sequence(2 * pair);
      Sequence rejected = test.sequence(2 * pair + 1);
      return new RewardEvaluation.Pair(
          SequenceLedger.recordName(documents, SplitName.TEST, test.record(2 * pair)),
          text(chosen, false),
          text(chosen, true),
          text(rejected, true),
          score.chosen(),
          score.rejected());
    }

    /** The answer of a sequence, or what comes before it. */
    private String text(Sequence sequence, boolean answer) {
      int begins = sequence.firstLearnt();
      int[] ids = sequence.ids();
      return base.tokenizer()
          .decode(Arrays.copyOfRange(ids, answer ? begins : 0, answer ? ids.length : begins), true)
          .strip();
    }

    @Override
    public List<Sample> samples(LanguageModel model) {
      return List.of();
    }

    @Override
    public String heldOut() {
      return String.format(
          Locale.ROOT, "%,d pairs that a hash of their content held out", count(SplitName.TEST));
    }

    @Override
    public List<Fact> facts() {
      return facts(
          new Fact(
              "margins",
              margins(SplitName.TRAIN).length == 0 ? "none" : "of the rows' column margin"));
    }
  }

  private static double margin(Document document) {
    JsonNode margin = Json.parse(document.text(), document.id()).path("margin");
    return margin.isNumber() ? margin.doubleValue() : 0;
  }
}
