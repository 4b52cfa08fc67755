package dev.slipway.recipe;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Matches;
import dev.slipway.base.binding.Range;

/** How the model is served. */
public record ServeSettings(
    @Doc("The address that is listened on; 0.0.0.0 is every one of the machine's")
        @Default("127.0.0.1")
        @Matches(value = "^[A-Za-z0-9.:_-]{1,253}$", expected = "a host name or address")
        String host,
    @Doc("The port; 0 takes a free one") @Default("8080") @Range(min = 0, max = 65_535) int port,
    @Doc("Requests that may wait; a further one is answered 429")
        @Default("64")
        @Range(min = 1, max = 100_000)
        int queue) {}
