package dev.slipway.infer.batch;

/**
 * What a batcher does, for whoever watches.
 *
 * @param running sequences that are computed
 * @param suspended sequences that gave their blocks back and wait for others
 * @param cacheUse share of the blocks that sequences use
 * @param prefixQueries prompt tokens that were looked up in the prefix cache since the beginning
 * @param prefixHits those that were found there
 * @param preemptions times that a sequence gave its blocks back
 * @param drafted tokens that were guessed
 * @param accepted those that were right
 * @param networkNanos time that the network took
 */
public record BatchFacts(
    int running,
    int suspended,
    double cacheUse,
    long prefixQueries,
    long prefixHits,
    long preemptions,
    long drafted,
    long accepted,
    long networkNanos) {}
