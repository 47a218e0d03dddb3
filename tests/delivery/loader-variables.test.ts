import { expect, test } from "vitest";
import { loaderFault } from "../../src/delivery/loader-variables.js";

const refused = `path home tmpdir cdpath shell ld_preload ld_library_path ld_audit dyld_insert_libraries glibc_tunables
  gconv_path locpath nlspath openssl_conf openssl_modules bash_env env ifs shellopts bashopts ps4 prompt_command editor
  visual pager lessopen lessclose ssh_askpass git_ssh git_ssh_command git_exec_path git_config_count git_config_global
  git_askpass node_options node_path node_extra_ca_certs npm_config_registry npm_config_node_options pythonpath
  pythonhome pythonstartup pythoninspect perl5lib perl5opt rubyopt rubylib java_tool_options _java_options
  jdk_java_options dotnet_startup_hooks lua_init lua_init_5_4 lua_path rustc_wrapper cargo_build_rustc_wrapper
  cargo_target_x86_64_unknown_linux_gnu_runner composer_home zdotdir bash_func_ls%% coreclr_profiler_path cor_profiler
  lua_cpath_5_4 phprc classpath browser xdg_config_home`.split(/\s+/);

const allowed =
  `git_token github_token git_ssh_key path_key my_path environment node_key node_auth_token java_key old_path
  envelope mxm_key npm_token cargo_registry_token composer_auth python_key pythonic editor_key home_key shell_token
  openssl_passphrase ssh_key aws_secret_access_key`.split(/\s+/);

test("names that decide what a program loads or runs are refused with the reason", () => {
  for (const name of refused) {
    expect({ name, fault: loaderFault(name) }).toMatchObject({
      name,
      fault: expect.stringMatching(/^`[\w%]+` (decides|names) .+, so it is never put into an environment$/),
    });
  }
  expect(loaderFault("LD_PRELOAD")).toBe(
    "`LD_PRELOAD` decides which libraries a program loads, so it is never put into an environment",
  );
});

test("names that only resemble them are not", () => {
  for (const name of allowed) {
    expect({ name, fault: loaderFault(name) }).toEqual({ name, fault: undefined });
  }
});
