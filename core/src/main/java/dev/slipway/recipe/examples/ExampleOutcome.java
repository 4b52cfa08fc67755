package dev.slipway.recipe.examples;

import dev.slipway.eval.metric.MetricReport;
import dev.slipway.plan.ExampleActual;
import dev.slipway.recipe.Recipe;

/**
 * What a run of examples came to.
 *
 * @param recipe resolved
 * @param verdict the report's first sentence
 */
public record ExampleOutcome(
    Recipe recipe, MetricReport metrics, String verdict, ExampleActual actual) {}
