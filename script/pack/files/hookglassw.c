/* hookglassw.exe starts hookglass.exe beside it with what it was called with, and without a console: hookglass.exe itself is a
   program of the console, so that its commands print where they were called. */
#include <windows.h>
#include <wchar.h>

int WINAPI wWinMain(HINSTANCE instance, HINSTANCE before, PWSTR arguments, int show) {
	static wchar_t path[32768], line[65536];
	STARTUPINFOW start = {.cb = sizeof start};
	PROCESS_INFORMATION started;
	wchar_t *slash;
	DWORD n = GetModuleFileNameW(NULL, path, 32768);

	(void)instance, (void)before, (void)show;
	slash = n > 0 && n < 32000 ? wcsrchr(path, L'\\') : NULL;
	if (slash == NULL || wcslen(arguments) > 32000) return 1;
	wcscpy(slash + 1, L"hookglass.exe");
	_snwprintf(line, 65535, L"\"%ls\" %ls", path, arguments);
	if (!CreateProcessW(path, line, NULL, NULL, FALSE, CREATE_NO_WINDOW, NULL, NULL, &start, &started)) {
		MessageBoxW(NULL, L"hookglass.exe is not beside this program, or cannot be started. Install Hookglass again.", L"Hookglass", MB_ICONERROR);
		return 1;
	}
	CloseHandle(started.hThread);
	CloseHandle(started.hProcess);
	return 0;
}
