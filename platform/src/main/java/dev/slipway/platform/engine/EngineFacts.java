package dev.slipway.platform.engine;

/**
 * What an engine does, for the metrics.
 *
 * @param running continuations that are computed
 * @param suspended continuations that gave their room back to others and wait to go on
 * @param cacheUse share of the room for keys and values that is in use
 * @param prefixQueries prompt tokens that were looked up in the prefix cache so far
 * @param prefixHits those that were found there
 * @param preemptions times that a continuation gave its room back
 * @param draftTokens tokens that were guessed
 * @param acceptedTokens those that were right
 * @param modelSeconds that the network took
 */
public record EngineFacts(
    int running,
    int suspended,
    double cacheUse,
    long prefixQueries,
    long prefixHits,
    long preemptions,
    long draftTokens,
    long acceptedTokens,
    double modelSeconds) {
  public static final EngineFacts NONE = new EngineFacts(0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** What both did; the room is the later one's. */
  public EngineFacts and(EngineFacts later) {
    return new EngineFacts(
        running + later.running,
        suspended + later.suspended,
        later.cacheUse,
        prefixQueries + later.prefixQueries,
        prefixHits + later.prefixHits,
        preemptions + later.preemptions,
        draftTokens + later.draftTokens,
        acceptedTokens + later.acceptedTokens,
        modelSeconds + later.modelSeconds);
  }
}
