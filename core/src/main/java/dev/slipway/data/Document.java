package dev.slipway.data;

/** A cleaned record that is kept. */
public record Document(String id, String text) {}
