package dev.fairlead.http.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.MediaRange;
import dev.fairlead.leak.NoLeaks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
final class AcceptTest {
    /// The weight, in thousandths, that the field gives to the offer.
    private static int weight(String accept, String offer) {
        return Accept.wish(Asked.get("h", "/", "accept", accept).head().fields(), media(offer)) >> 4;
    }

    private static Media media(String text) {
        String[] parts = text.split(";");
        String[] type = parts[0].split("/");
        Map<String, String> parameters = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            parameters.put(parts[i].split("=")[0], parts[i].split("=")[1]);
        }
        return Media.of(new MediaRange(type[0], type[1], parameters));
    }

    /// RFC 9110 §12.5.1, the table at its end; its last row belongs to the field of RFC 7231 §5.3.2, from which it
    /// stayed.
    @ParameterizedTest
    @CsvSource({
        "text/plain;format=flowed, 1000",
        "text/plain, 700",
        "text/html, 300",
        "image/jpeg, 500",
        "text/plain;format=fixed, 400",
        "text/html;level=3, 700"
    })
    void weighsAsTheRfcDoes(String offer, int expected) {
        String accept = offer.startsWith("text/html;")
                ? "text/*;q=0.3, text/html;q=0.7, text/html;level=1, text/html;level=2;q=0.4, */*;q=0.5"
                : "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5";

        assertThat(weight(accept, offer)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            audio/*; q=0.2, audio/basic         | audio/basic      | 1000
            audio/*; q=0.2, audio/basic         | audio/mp3        | 200
            audio/*; q=0.2, audio/basic         | audio/*          | 1000
            audio/*; q=0.2, audio/basic         | text/html        | 0
            text/html                           | TEXT/HTML        | 1000
            TEXT/HTML;Q=0.5                     | text/html        | 500
            */*                                 | image/*          | 1000
            */*;q=0.1, image/*;q=0              | image/*          | 0
            */*;q=0.1, image/*;q=0              | image/png        | 0
            */*;q=0.1, image/*;q=0, image/png   | image/*          | 1000
            */*;q=0.1, image/png;q=0            | image/*          | 100
            */*;q=0.1, image/png;q=0            | image/png        | 0
            */*;q=0.1, image/png;q=0            | */*              | 100
            text/html;q=0                       | */*              | 0
            text/html;level=1                   | text/html        | 1000
            text/html;level=1, */*;q=0.1        | text/html        | 100
            text/html;level=1;q=0.5             | text/html;level=1 | 500
            text/html;q=0.5;level=1             | text/html;level=1 | 500
            text/html;level="1"                 | text/html;level=1 | 1000
            text/html;level="\\1"               | text/html;level=1 | 1000
            text/html;level=2, text/html;q=0.3  | text/html;level=1 | 300
            text/html;q=0.3, text/html;q=0.6    | text/html        | 600
            , ,text/html;;q=0.3 ,               | text/html        | 300
            text/html ; q=0.3                   | text/html        | 300
            text/html;q=0.33                    | text/html        | 330
            text/html;q=0.333                   | text/html        | 333
            text/html;q=1.000                   | text/html        | 1000
            text/html;q=0.                      | text/html        | 0
            text/html;q=0.001                   | text/html        | 1
            """)
    void weighs(String accept, String offer, int expected) {
        assertThat(weight(accept, offer)).isEqualTo(expected);
    }

    /// Beside `text/plain;q=0.5` the malformed member counts for nothing.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            image
            image/
            /png
            */png
            image/png;q
            image/png;q=
            image/png;q=2
            image/png;q=1.001
            image/png;q=0.1234
            image/png;q=-1
            image/png;q=.5
            image/png;q="0.5"
            image/png;q=0.5;q=0.6
            image/png;a=
            image/png x
            image/png;a="x, text/html
            image/png;a="x, image/gif"b
            *
            *;q=0.2
            """)
    void leavesOutWhatIsMalformed(String member) {
        assertThat(weight("text/plain;q=0.5, " + member, "image/png")).isZero();
        assertThat(weight("text/plain;q=0.5, " + member, "text/plain")).isEqualTo(500);
        assertThat(weight(member, "image/png")).as("nothing is said").isEqualTo(1000);
    }

    @Test
    void everythingIsWelcomeWithoutTheField() {
        assertThat(Accept.wish(Asked.get("h", "/").head().fields(), media("image/*")) >> 4)
                .isEqualTo(1000);
        assertThat(weight("", "image/*")).isEqualTo(1000);
    }

    @Test
    void severalFieldsAreOneList() {
        Asked asked = Asked.get("h", "/", "accept", "text/html;q=0.1", "x", "y", "Accept", "image/*;q=0.2");

        assertThat(Accept.wish(asked.head().fields(), media("image/png")) >> 4).isEqualTo(200);
        assertThat(Accept.wish(asked.head().fields(), media("text/html")) >> 4).isEqualTo(100);
    }

    @Test
    void ofEqualWeightsTheOneThatIsNamedMorePreciselyIsWantedMore() {
        var fields =
                Asked.get("h", "/", "accept", "video/mp4, image/*, */*").head().fields();

        int video = Accept.wish(fields, media("video/*"));
        int image = Accept.wish(fields, media("image/*"));
        int json = Accept.wish(fields, media("application/json"));

        assertThat(video).isGreaterThan(image);
        assertThat(image).isGreaterThan(json);
    }

    @Test
    void agreesWithAReferenceThatMakesLists() {
        var random = new Random(11);
        for (int round = 0; round < 20_000; round++) {
            List<NaiveAccept.Range> ranges = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                ranges.add(NaiveAccept.Range.random(random));
            }
            String accept = String.join(
                    random.nextBoolean() ? ", " : ",",
                    ranges.stream().map(NaiveAccept.Range::toString).toList());
            String offer = NaiveAccept.offer(random);

            int wish = Accept.wish(Asked.get("h", "/", "accept", accept).head().fields(), media(offer));

            assertThat(wish).as("%s for %s", offer, accept).isEqualTo(NaiveAccept.wish(ranges, offer));
        }
    }
}
