// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/spin_throttle.h"

#include "engine/core/cpu_wait_meter.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

namespace leyden {
namespace {
constexpr double busy_share = 0.3; ///< of a moment; a program that wakes up now and then takes less
constexpr double quiet_share = 0.1;
constexpr double quiet_seconds = 0.08; ///< before spinning is tried
constexpr double shortest_hold = 0.2, longest_hold = 5.0;
constexpr SpinThrottle::Period period{20};
constexpr int moments_a_listing = 10; ///< threads come and go less often than they are looked at

/// libgomp's entry for a parallel region. Looked up, for LibTorch brings its own libgomp along: to
/// link one could load a second.
using ParallelRegion = void (*)(void (*body)(void*), void* data, unsigned threads, unsigned flags);

ParallelRegion parallel_region()
{
    return reinterpret_cast<ParallelRegion>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
}

/// A thread that ends when it is told to.
class EndableThread
{
public:
    EndableThread() = default;
    virtual ~EndableThread() { stop(); }
    EndableThread(const EndableThread&) = delete;
    EndableThread& operator=(const EndableThread&) = delete;

protected:
    void start(std::function<void()> body) { thread_ = std::thread(std::move(body)); }
    void stop()
    {
        {
            const std::lock_guard lock(mutex_);
            is_ending_ = true;
        }
        ending_.notify_all();
        if (thread_.joinable())
            thread_.join();
    }
    void wait_for_end()
    {
        std::unique_lock lock(mutex_);
        ending_.wait(lock, [this] { return is_ending_; });
    }
    bool ends_within(SpinThrottle::Period time)
    {
        std::unique_lock lock(mutex_);
        return ending_.wait_for(lock, time, [this] { return is_ending_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable ending_;
    bool is_ending_ = false;
    std::thread thread_;
};

/// Idle threads that libgomp manages: a region of them was run, and its pool lives as long as the
/// thread that ran it.
class IdleThreads final : public EndableThread
{
public:
    IdleThreads(ParallelRegion region, unsigned count)
    {
        start([this, region, count] {
            region([](void*) { }, nullptr, count, 0);
            wait_for_end();
        });
    }
    ~IdleThreads() override { stop(); }
};

/// libgomp ends the process where the system gives no thread; std::thread says so.
bool has_room_for(unsigned threads)
{
    class Sleeper final : public EndableThread
    {
    public:
        Sleeper()
        {
            start([this] { wait_for_end(); });
        }
        ~Sleeper() override { stop(); }
    };
    try {
        std::vector<std::unique_ptr<Sleeper>> sleepers;
        for (unsigned i = 0; i <= threads; ++i)
            sleepers.push_back(std::make_unique<Sleeper>());
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

/// How long each thread of this process waited for a core.
class ThreadWaits
{
public:
    ThreadWaits() = default;
    ~ThreadWaits()
    {
        for (const auto& [name, thread] : threads_)
            ::close(thread.file);
    }
    ThreadWaits(const ThreadWaits&) = delete;
    ThreadWaits& operator=(const ThreadWaits&) = delete;

    /// Share of the time since the last call that the thread which waited longest did.
    double largest_share()
    {
        if (calls_++ % moments_a_listing == 0)
            list();
        const auto now = std::chrono::steady_clock::now();
        const double span = std::chrono::duration<double, std::nano>(now - last_).count();
        last_ = now;
        double longest_wait = 0.0;
        for (auto& [name, thread] : threads_) {
            const auto waited = read(thread.file);
            if (waited && thread.waited)
                longest_wait = std::max(longest_wait, double(*waited - *thread.waited));
            thread.waited = waited;
        }
        return std::min(1.0, longest_wait / span);
    }

private:
    struct Thread
    {
        int file = -1;
        std::optional<int64_t> waited{}; ///< nanoseconds
        bool is_there = true;
    };

    static std::optional<int64_t> read(int file)
    {
        char text[96];
        const auto size = ::pread(file, text, sizeof text - 1, 0);
        if (size <= 0)
            return std::nullopt; // the thread has ended
        text[size] = '\0';
        long long computed = 0, waited = 0;
        return std::sscanf(text, "%lld %lld", &computed, &waited) == 2 ? std::optional(waited)
                                                                       : std::nullopt;
    }

    void list()
    {
        auto* folder = ::opendir("/proc/self/task");
        if (!folder)
            return;
        for (auto& [name, thread] : threads_)
            thread.is_there = false;
        while (const auto* entry = ::readdir(folder)) {
            const std::string name = entry->d_name;
            if (const auto known = threads_.find(name); known != threads_.end()) {
                known->second.is_there = true;
            } else if (name.front() != '.') {
                const auto path = "/proc/self/task/" + name + "/schedstat";
                if (const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC); file >= 0)
                    threads_[name] = {.file = file};
            }
        }
        ::closedir(folder);
        for (auto it = threads_.begin(); it != threads_.end();) {
            if (!it->second.is_there)
                ::close(it->second.file);
            it = it->second.is_there ? std::next(it) : threads_.erase(it);
        }
    }

    std::map<std::string, Thread> threads_;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
    int64_t calls_ = 0;
};

} // namespace

bool SpinPolicy::after(double seconds, double waited_share)
{
    since_ += seconds;
    if (spins_) {
        if (waited_share < busy_share)
            return true;
        hold_ = since_ > longest_hold || hold_ == 0.0 ? shortest_hold
                                                      : std::min(2 * hold_, longest_hold);
        spins_ = false;
        since_ = quiet_for_ = 0.0;
        return false;
    }
    quiet_for_ = waited_share < quiet_share ? quiet_for_ + seconds : 0.0;
    if (since_ >= hold_ && quiet_for_ >= quiet_seconds) {
        spins_ = true;
        since_ = 0.0;
    }
    return spins_;
}

class SpinThrottle::Watch final : public EndableThread
{
public:
    Watch(std::function<double()> waited_share, Period time, ParallelRegion region)
        : waited_share_(std::move(waited_share)), time_(time), region_(region)
    {
        start([this] { watch(); });
    }
    ~Watch() override { stop(); }
    bool is_throttling() const { return is_throttling_; }

private:
    void watch()
    {
        try {
            follow();
        } catch (const std::system_error&) { // no further thread
            is_throttling_ = false;
        }
    }

    void follow()
    {
        const auto threads = unsigned(usable_cores()) + 1; // more than there are cores, in any case
        std::unique_ptr<IdleThreads> idle;
        SpinPolicy policy;
        for (auto last = std::chrono::steady_clock::now(); !ends_within(time_);) {
            const auto now = std::chrono::steady_clock::now();
            const bool spins
                = policy.after(std::chrono::duration<double>(now - last).count(), waited_share_());
            last = now;
            if (spins) {
                idle.reset();
            } else if (!idle) {
                if (!has_room_for(threads))
                    return; // for good: a trial each time would cost more than it brings
                idle = std::make_unique<IdleThreads>(region_, threads);
            }
            is_throttling_ = idle != nullptr;
        }
    }

    std::function<double()> waited_share_;
    Period time_;
    ParallelRegion region_;
    std::atomic<bool> is_throttling_ = false;
};

SpinThrottle::SpinThrottle(int threads)
{
    const bool is_said = std::getenv("GOMP_SPINCOUNT") || std::getenv("OMP_WAIT_POLICY");
    if (threads < 2 || is_said || !cpu_times())
        return;
    const auto waits = std::make_shared<ThreadWaits>();
    if (const auto region = parallel_region())
        watch_
            = std::make_unique<Watch>([waits] { return waits->largest_share(); }, period, region);
}

SpinThrottle::SpinThrottle(std::function<double()> waited_share, Period time)
{
    begin(std::move(waited_share), time);
}

void SpinThrottle::begin(std::function<double()> waited_share, Period time)
{
    const auto region = parallel_region();
    if (!region)
        return;
    try {
        watch_ = std::make_unique<Watch>(std::move(waited_share), time, region);
    } catch (const std::system_error&) { // no further thread: the run goes on without
    }
}

SpinThrottle::~SpinThrottle() = default;

bool SpinThrottle::is_throttling() const
{
    return watch_ && watch_->is_throttling();
}

} // namespace leyden
