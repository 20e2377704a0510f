package dev.fairlead.config;

/// An upstream's part of what a route takes.
public record ShareSpec(
        @Key(value = "The upstream that takes this part.", example = "app", form = Form.NAME)
        String upstream,

        @Key(
                value = "Its part, relative to the weights of the others. 0: it takes nothing, and stands ready.",
                absent = "1",
                min = "0",
                max = "1000000",
                example = "95")
        int weight) {}
