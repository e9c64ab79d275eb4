# Made by make release.
class Hookglass < Formula
  desc "Workbench for webhooks: see what came, why a signature fails, and replay it"
  homepage "{{.Homepage}}"
  url "{{url (printf "hookglass-%s.tar.gz" .Version)}}"
  sha256 "{{sha (printf "hookglass-%s.tar.gz" .Version)}}"
  license "MIT"

  depends_on "go" => :build
  on_linux do
    depends_on "pkgconf" => :build
    depends_on "libx11"
    depends_on "libxcursor"
    depends_on "libxi"
    depends_on "libxinerama"
    depends_on "libxrandr"
    depends_on "mesa"
  end

  def install
    tags = "sqlite_fts5 migrated_fynedo no_emoji"
    tags += " x11" if OS.linux?
    ENV["CGO_ENABLED"] = "1"
    system "go", "build", "-trimpath", "-tags", tags, "-ldflags", "-s -w -X main.version=#{version}", "-o", bin/"hookglass", "./app"
    system bin/"hookglass", "manual", buildpath/"manual"
    man1.install Dir["manual/man1/*.1"]
    bash_completion.install "manual/completions/hookglass"
    zsh_completion.install "manual/completions/_hookglass"
    fish_completion.install "manual/completions/hookglass.fish"
  end

  test do
    (testpath/"body").write "{}"
    ENV["SECRET"] = "s"
    assert_match "X-Hub-Signature-256: sha256=", shell_output("#{bin}/hookglass sign --scheme github --secret-env SECRET --body-file body")
  end
end
