package dev.slipway.recipe.tuning;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import dev.slipway.data.conversation.SequenceEncoder;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.data.conversation.SequenceShards;
import dev.slipway.eval.metric.ClusterBootstrap;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.model.RowExecution;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.TaskSettings;
import dev.slipway.recipe.run.EvaluateStage;
import dev.slipway.recipe.run.Phase;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunEvent;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.task.Objective;
import dev.slipway.task.preference.PreferenceLoss;
import dev.slipway.task.preference.PreferenceScore;
import dev.slipway.task.preference.PreferenceTuning;
import dev.slipway.task.preference.PreferenceTuning.Answers;
import dev.slipway.task.preference.ReferenceLogProbabilities;
import dev.slipway.tune.TunedDecoder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Learning which answers people like. */
public final class PreferenceLearning implements TuningTask {
  private final Recipe recipe;
  private final TaskSettings.PreferenceTuning settings;

  public PreferenceLearning(Recipe recipe, TaskSettings.PreferenceTuning settings) {
    this.recipe = recipe;
    this.settings = settings;
  }

  private boolean paired() {
    return settings.loss() instanceof PreferenceLoss.Paired;
  }

  private SequenceEncoder encoder(ChatTexts texts) {
    return texts.encoder(settings.overLong(), false);
  }

  @Override
  public Size size(BaseModel base) {
    double heldOut = recipe.data().resolvedSplit().heldOut();
    SequenceEncoder encoder = encoder(ChatTexts.of(settings.template(), base));
    ConversationSize all =
        ConversationSize.of(recipe.data().config().source(), encoder::countPreference);
    double records = all.records() * (1 - heldOut);
    double things = paired() ? records : records * all.sequences();
    // KTO computes answers to other prompts beside its own.
    double more = settings.loss() instanceof PreferenceLoss.Kto ? 4 / 3.0 : 1;
    return new Size(
        Math.max(1, Math.round(things)),
        paired() ? 2 : 1,
        Math.min(more * InstructionTuning.columns(all, base), 2.0 * base.context()),
        1,
        Math.round(all.tokens() * heldOut),
        settings.loss().needsReference() ? 1 : 0,
        all.seconds());
  }

  @Override
  public String counted() {
    return paired() ? "pair" : "answer";
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
    if (paired() && parts.shards().perRecord() != 2) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.preferences-rated",
          recipe.data().config().source().path()
              + " has rated answers, expected pairs of chosen and rejected ones for this loss",
          "set task: { preference-tuning: { loss: kto } }, which learns of rated answers");
    }
    return new Ready(parts);
  }

  private final class Ready extends PreparedAnswers {
    Ready(Parts parts) {
      super(parts, paired() ? 2 : 1, counted());
    }

    /** A split's answers with what the model said of them as tuning began. */
    private Answers answers(SplitName split, RowExecution execution, int rows) {
      return new Answers(
          shards.shard(split),
          ReferenceLogProbabilities.of(
              paths.root().resolve("prepared/reference-" + split.label() + ".f64"),
              execution,
              shards.shard(split),
              settings.loss(),
              base.context(),
              rows,
              texts.padId(),
              done ->
                  phases.tell(
                      new RunEvent.PhaseProgress(
                          Phase.TRAIN, done, "reference of the " + split.label() + " split"))),
          base.context(),
          texts.padId());
    }

    private PreferenceTuning tuning(TunedDecoder model, int rows) {
      RowExecution execution = model.execution();
      Answers training = answers(SplitName.TRAIN, execution, rows);
      Answers validation = answers(SplitName.VALIDATION, execution, rows);
      return new PreferenceTuning(
          model.parameters(),
          execution,
          settings.loss(),
          order(rows),
          training,
          validation,
          base.tokenizer(),
          place -> SequenceLedger.recordName(documents, place));
    }

    @Override
    public Objective objective(TunedDecoder model, int rows) {
      // Of all splits before the first step, since the model is another one afterwards.
      answers(SplitName.TEST, model.execution(), rows);
      return tuning(model, rows);
    }

    /** The answers that are liked, or all where none is. */
    private int[] liked() {
      SequenceShard test = shards.shard(SplitName.TEST);
      int[] liked = IntStream.range(0, test.sequences()).filter(i -> test.label(i) == 1).toArray();
      return liked.length > 0 ? liked : IntStream.range(0, test.sequences()).toArray();
    }

    @Override
    public Judgement evaluate(TunedDecoder model, int rows) {
      return new Judgement.OfText(
          new EvaluateStage(paths, recipe.seed(), phases)
              .judged(
                  () -> {
                    SequencedMap<String, Interval> figures = figures(model, rows);
                    return new BeforeAndAfter(recipe, base, phases)
                        .of(
                            model,
                            rows,
                            (execution, progress) ->
                                AnswerScores.of(
                                    execution,
                                    shards.shard(SplitName.TEST),
                                    liked(),
                                    base.tokenizer(),
                                    rows,
                                    texts.padId(),
                                    progress))
                        .withFigures(figures);
                  }));
    }

    /** Means over the test split, under TRL's names. */
    private SequencedMap<String, Interval> figures(TunedDecoder model, int rows) {
      List<PreferenceScore> scores =
          tuning(model, rows)
              .scores(answers(SplitName.TEST, model.execution(), rows), count(SplitName.TEST));
      SequencedMap<String, Interval> figures = new LinkedHashMap<>();
      put(figures, "loss", scores, PreferenceScore::loss);
      if (paired()) {
        put(figures, "rewards/accuracies", scores, score -> score.margin() > 0 ? 1 : 0);
        put(figures, "rewards/margins", scores, PreferenceScore::margin);
      }
      put(figures, "rewards/chosen", scores, PreferenceScore::chosenReward);
      put(figures, "rewards/rejected", scores, PreferenceScore::rejectedReward);
      return figures;
    }

    private void put(
        SequencedMap<String, Interval> figures,
        String name,
        List<PreferenceScore> scores,
        ToDoubleFunction<PreferenceScore> figure) {
      double[] values =
          scores.stream().mapToDouble(figure).filter(value -> !Double.isNaN(value)).toArray();
      if (values.length > 0) {
        double[] ones = new double[values.length];
        Arrays.fill(ones, 1);
        figures.put(name, new ClusterBootstrap(recipe.seed()).ratio(values, ones));
      }
    }

    @Override
    public String heldOut() {
      return String.format(
          Locale.ROOT,
          "the answers that are liked among %,d %ss that a hash of their content held out",
          count(SplitName.TEST),
          counted());
    }

    @Override
    public List<Fact> facts() {
      return facts(new Fact("loss", settings.loss().toString()));
    }
  }
}
