import { expect, test } from "vitest";
import { isSecretFieldName } from "../../src/redaction/field-names.js";

const secret =
  "token password passwd secret api_key authorization credential private_key cookie " +
  "Token PASSWORD Authorization tokens passwords secrets credentials cookies apiKeys " +
  "apiKey api-key ApiKey API_KEY apikey APIKEY x-api-key X-API-Key xApiKey APIKey OPENAI_API_KEY " +
  "access_token accessToken access-token AccessToken accesstoken id_token refreshToken refresh.tokens csrfToken oauth2Token " +
  "client_secret clientSecret clientsecret AWS_SECRET_ACCESS_KEY awsSecretAccessKey AWSSecretKey secretKey " +
  "DB_PASSWORD dbPassword PGPASSWORD pgpassword userPassword password2 new_password_2 password1 passwordValue " +
  "proxy-authorization Proxy-Authorization set-cookie Set-Cookie setCookie sessionCookie " +
  "privateKey PRIVATE_KEY ssh_private_key private_key_base64 signingKey encryption_key masterKey DB_PASS smtpPass passphrase " +
  "aws_credentials token1 jwt";

const harmless =
  "prompt_tokens tokenizer secretary completion_tokens max_tokens total_tokens token_count passwordless " +
  "promptTokens maxTokens max-tokens maxtokens input_tokens outputTokens cached_tokens reasoning_tokens num_tokens n_tokens " +
  "tokenCount tokens_per_second tokenize tokenized tokenization token_type tokenUrl token_file TOKEN_URL tokenExpiresAt " +
  "secretaryName secretName secret_id_accessor secret_store password_changed_at passwordResetUrl password_policy " +
  "cookieConsent cookie_banner cookieless authorizationUrl authorization_endpoint authorizer author authority authorized auth " +
  "credentialed key keys primary_key publicKey public_key foreignKey keyboard monkey sortKey cacheKey api apiVersion api_key_id " +
  "privateKeyPath pass passes passed bypass compass passenger name message user id";

test.each(secret.split(" "))("%s looks secret", (name) => {
  expect(isSecretFieldName(name)).toBe(true);
});

test.each(["", ...harmless.split(" ")])("%s does not", (name) => {
  expect(isSecretFieldName(name)).toBe(false);
});
