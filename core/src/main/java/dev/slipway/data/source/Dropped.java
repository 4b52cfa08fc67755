package dev.slipway.data.source;

/**
 * Why this very record is dropped.
 *
 * @param detail what was found, such as {@code invalid byte at 17}; may be empty
 */
public record Dropped(DropReason reason, String detail) {}
