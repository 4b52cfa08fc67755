package dev.slipway.recipe.run;

import dev.slipway.data.Ledger;
import dev.slipway.data.Statistics;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.recipe.Recipe;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.train.TrainResult;

/**
 * What a run came to.
 *
 * @param recipe resolved
 * @param epochs how often the training split was seen, a fraction included
 */
public record RunOutcome(
    Recipe recipe,
    GptConfig config,
    Tokenizer tokenizer,
    TrainResult training,
    Evaluation evaluation,
    Ledger.Summary ledger,
    Statistics statistics,
    double epochs) {}
